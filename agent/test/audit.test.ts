/** Audit clips from the demo clip: real decoder, model, tracker and files; what is kept is looked at pixel by pixel. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { auditRecordSchema, type AuditRecord } from '@headcount/shared';
import { pino } from 'pino';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachFrame } from '../../scripts/lib/model/clip-frames.js';
import type { StoredClip } from '../src/audit/audit-files.js';
import { AuditFiles } from '../src/audit/audit-files.js';
import { Audits } from '../src/audit/audits.js';
import { clipSize, shrink } from '../src/audit/shrink.js';
import { encodeStrip } from '../src/audit/strip.js';
import type { Frame, YuvImage } from '../src/camera/frame.js';
import { deviceKey } from '../src/commissioning/device-key.js';
import { lineSchema } from '../src/config/camera-config.js';
import type { Detector } from '../src/detector/detector.js';
import { createDetector } from '../src/detector/onnx-detector.js';
import { EVERYBODY } from '../src/detector/person-filter.js';
import { FrameCounter } from '../src/pipeline/frame-counter.js';
import { PersonCounter } from '../src/pipeline/person-counter.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const logger = pino({ level: 'silent' });
const NOW = Date.UTC(2026, 10, 24, 9, 0, 10);
const VERSIONS = { configVersion: 'c'.repeat(12), modelHash: 'f'.repeat(64) };
const lines = [lineSchema.parse({ id: 'a', name: 'Lawn', from: [0.39, 0.26], to: [0.39, 0.83] })];
const dataDir = mkdtempSync(join(tmpdir(), 'headcount-audit-'));
const sent: AuditRecord[] = [];

function newAudits(folder = dataDir): Audits {
  return new Audits({
    gateway: 'lobby',
    dataDir: folder,
    key: deviceKey(folder),
    versions: () => VERSIONS,
    write: (records) => sent.push(...records),
    now: () => NOW + 60_000,
    random: () => 0.5,
    logger,
  });
}

async function playClip(detector: Detector, audits: Audits): Promise<{ crossings: number }> {
  const recorder = audits.recorder({ id: 'door', lines });
  const counter = new FrameCounter({
    detector,
    counter: new PersonCounter({ lines, highScore: 0.5 }),
    filter: EVERYBODY,
    motionGate: true,
  });
  let crossed = 0;
  const take = async (frame: Frame) => {
    const at = frame.number * 100;
    const { tracks, detections, crossings } = await counter.count(frame, at);
    crossed += crossings.length;
    const utc = crossings.map((one) => ({ ...one, at: NOW + one.at }));
    recorder.see({ frame, tracks, detections, at: NOW + at, crossings: utc });
    // As on a live camera, clips are encoded while frames come.
    await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const clip = here('../../.cache/vtest.avi');
  await eachFrame({ clip, input: detector.input, logger }, async (frame) => {
    // Five frames a second of the first half minute.
    if (frame.number <= 300 && frame.number % 2 === 0) await take(frame);
  });
  await audits.stop();
  return { crossings: crossed };
}

describe('audit clips', () => {
  let detector: Detector;
  let audits: Audits;
  let crossings = 0;
  beforeAll(async () => {
    const model = here('../models/person-detector.onnx');
    detector = await createDetector({ model, family: 'auto', threads: 2, threshold: 0.3, logger });
    audits = newAudits();
    audits.start();
    ({ crossings } = await playClip(detector, audits));
  }, 120_000);
  afterAll(async () => {
    await detector.close();
    rmSync(dataDir, { recursive: true });
  });

  it('are kept around the line, tell nothing of what was counted, and can be read by the agent only', () => {
    const clips = audits.clips('door');
    expect(crossings).toBeGreaterThan(2);
    expect(clips.length).toBeGreaterThan(2);
    expect(JSON.stringify(clips)).not.toMatch(/counted|stratum/);
    for (const { from, to, frames, path } of clips) {
      expect(to - from).toBeLessThanOrEqual(6000);
      expect(frames).toBeGreaterThanOrEqual((to - from) / 400);
      expect(path).toEqual([lines[0]?.from, lines[0]?.to]);
    }
    for (const name of readdirSync(join(dataDir, 'audit')))
      expect(statSync(join(dataDir, 'audit', name)).mode & 0o777).toBe(0o600);
    expect(audits.clips('yard')).toEqual([]);
    expect(audits.dropped).toBe(0);
  });

  it('are one JPEG with a picture per row of the strip', async () => {
    const [clip] = audits.clips('door');
    const jpeg = await audits.picture(clip?.id ?? '');
    const { width, height } = await sharp(jpeg).metadata();
    expect([width, height]).toEqual([320, (clip?.height ?? 0) * (clip?.frames ?? 0)]);
    expect(await audits.picture('../device-key')).toBeUndefined();
  });

  it('survive a restart; a person answers, and the signed result is sent once', async () => {
    const again = newAudits();
    again.start();
    expect(again.clips('door')).toEqual(audits.clips('door'));
    const [clip] = again.clips('door');
    const id = clip?.id ?? '';
    const jpeg = await again.picture(id);
    const answer = await again.answer(id, { in: 50, out: 0 });
    expect(answer?.score.missed).toBeGreaterThan(0);
    expect(await again.answer(id, { in: 50, out: 0 })).toBeUndefined();
    expect(again.clips('door').map((one) => one.id)).not.toContain(id);
    expect(sent).toHaveLength(1);
    // As it arrives at the collector: through JSON and the schema.
    const { result, signature, publicKey } = auditRecordSchema.parse(JSON.parse(JSON.stringify(sent[0])));
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' });
    expect(verify(null, Buffer.from(JSON.stringify(result)), key, Buffer.from(signature, 'base64'))).toBe(
      true,
    );
    expect(result).toMatchObject({ person: { in: 50, out: 0 }, camera: 'door', line: 'a', ...VERSIONS });
    expect(result.sha256).toBe(
      createHash('sha256')
        .update(jpeg ?? '')
        .digest('hex'),
    );
    expect(result.of).toBeGreaterThanOrEqual(result.kept);
    expect(again.summary('door')).toMatchObject([{ camera: 'door', line: 'a' }]);
    const third = newAudits();
    third.start();
    expect(third.summary('door')).toEqual(again.summary('door'));
  });
});

it('whoever is seen, and whoever moves unseen, is a mosaic in every picture', async () => {
  const size = { width: 320, height: 240 };
  /** Fine stripes everywhere, shifted where somebody walks: detail that a mosaic destroys. */
  const picture = (walker: number): YuvImage => {
    const y = Uint8Array.from({ length: size.width * size.height }, (_, index) => {
      const [x, row] = [index % size.width, Math.floor(index / size.width)];
      const inWalker = x >= walker && x < walker + 24 && row >= 100 && row < 160;
      const inSeen = x >= 40 && x < 70 && row >= 100 && row < 170;
      return (inSeen || inWalker ? 170 : 90) + (index % 2 === 0 ? 25 : -25);
    });
    const u = new Uint8Array(y.length / 4).fill(128);
    return { y, u, v: u, ...size, strideY: size.width, strideUv: size.width / 2 };
  };
  const seen = { x: 40, y: 100, w: 30, h: 70 };
  const frames = Array.from({ length: 12 }, (_, index) => ({
    at: index * 250,
    picture: picture(100 + index * 16),
    ...size,
    people: [seen],
  }));
  const { data, info } = await sharp((await encodeStrip(frames)).jpeg)
    .raw()
    .toBuffer({ resolveWithObject: true });
  /** Mean luma step from one pixel to the next, inside a box of one picture. */
  const detail = (index: number, { x, y, w, h }: typeof seen) => {
    let sum = 0;
    for (let row = y; row < y + h; row++) {
      for (let column = x; column < x + w; column++) {
        const at = ((index * size.height + row) * info.width + column) * info.channels;
        sum += Math.abs((data[at] ?? 0) - (data[at + info.channels] ?? 0));
      }
    }
    return sum / (w * h);
  };
  frames.forEach((_, index) => {
    expect(detail(index, { x: 42, y: 102, w: 26, h: 66 })).toBeLessThan(8);
    expect(detail(index, { x: 102 + index * 16, y: 104, w: 20, h: 50 })).toBeLessThan(8);
    expect(detail(index, { x: 10, y: 10, w: 280, h: 60 })).toBeGreaterThan(25);
  });
});

it('a small copy keeps the picture, whatever the strides', () => {
  const wide = { width: 416, height: 416 };
  const y = Uint8Array.from({ length: 500 * 416 }, (_, index) => (index % 500 < 208 ? 50 : 200));
  const chroma = new Uint8Array(250 * 208).fill(128);
  const image = { y, u: chroma, v: chroma, ...wide, strideY: 500, strideUv: 250 };
  const size = clipSize({ width: 768, height: 576 });
  expect(size).toEqual({ width: 320, height: 240 });
  const small = shrink(image, size);
  expect([small.y.length, small.u.length]).toEqual([320 * 240, 160 * 120]);
  expect([small.y[159], small.y[160], small.y.at(-1)]).toEqual([50, 200, 200]);
});

describe('the folder with clips', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-audit-files-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const clip = (id: string, changes: Partial<StoredClip> = {}): StoredClip => ({
    ...{
      id,
      camera: 'door',
      line: 'a',
      name: 'A',
      directions: { in: 'in', out: 'out' },
      path: [
        [0, 0],
        [1, 1],
      ],
    },
    ...{
      from: 1,
      to: 2,
      frames: 8,
      width: 320,
      height: 240,
      bytes: 10,
      sha256: '',
      counted: { in: 0, out: 0 },
    },
    ...{ stratum: 'near', hour: 1, place: 0, ...VERSIONS, answered: false },
    ...changes,
  });
  const open = () => {
    const files = new AuditFiles({ dataDir: folder, logger });
    files.open();
    return files;
  };
  const names = () => readdirSync(join(folder, 'audit')).sort();

  it('holds so many clips and bytes, and nothing that the index does not name', async () => {
    const files = open();
    for (let hour = 0; hour < 70; hour++) await files.add(clip(`c${hour}`, { hour }), Buffer.from('x'));
    expect(files.clips.map(({ id }) => id)).toEqual(
      Array.from({ length: 60 }, (_, index) => `c${index + 10}`),
    );
    expect(names()).toHaveLength(61);
    await files.add(clip('large', { hour: 99, bytes: 63 * 2 ** 20 }), Buffer.from('x'));
    await files.add(clip('larger', { hour: 100, bytes: 2 * 2 ** 20 }), Buffer.from('x'));
    expect(files.clips.map(({ id }) => id)).toEqual(['larger']);
    writeFileSync(join(folder, 'audit', 'stray.jpg'), 'x');
    expect(open().clips).toHaveLength(1);
    expect(names()).toEqual(['index.json', 'larger.jpg']);
  });

  it('gives a place to the clip that was drawn later, unless a person has answered the first', async () => {
    const files = open();
    await files.add(clip('first', { hour: 200 }), Buffer.from('x'));
    await files.add(clip('second', { hour: 200 }), Buffer.from('x'));
    expect(files.clips.map(({ id }) => id)).toEqual(['larger', 'second']);
  });

  it('begins anew when its index is damaged', () => {
    writeFileSync(join(folder, 'audit', 'index.json'), '{');
    expect(open().clips).toEqual([]);
    expect(names()).toEqual(['index.json']);
  });
});
