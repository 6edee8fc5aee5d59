import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { iou, type Box } from '@headcount/shared';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../src/camera/frame.js';
import type { Detector } from '../src/detector/detector.js';
import { createDetector } from '../src/detector/onnx-detector.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MODEL = here('../models/person-detector.onnx');
const CLIP = here('../../.cache/vtest.avi');
const TRUTH = here('../../../shared/truth/vtest-boxes.csv');
const SIZE = 416;
const CLIP_SIZE = { width: 768, height: 576 };
const FRAME_BYTES = SIZE * SIZE * 3;
const logger = pino({ level: 'silent' });

/** Published boxes per frame number (from 1), in pixels of the clip. */
function readTruth(): Map<number, Box[]> {
  const frames = new Map<number, Box[]>();
  for (const row of readFileSync(TRUTH, 'utf8').trim().split('\n').slice(1)) {
    const [frame = 0, , x = 0, y = 0, w = 0, h = 0] = row.split(',').map(Number);
    frames.set(frame, [...(frames.get(frame) ?? []), { x, y, w, h }]);
  }
  return frames;
}

/** Every frame of the clip as the model wants it. */
function decodeClip(): Uint8Array {
  const filters = ['-vf', `scale=${SIZE}:${SIZE}:flags=bicubic,format=rgb24`, '-fps_mode', 'passthrough'];
  return execFileSync('ffmpeg', ['-v', 'error', '-i', CLIP, ...filters, '-f', 'rawvideo', '-'], {
    maxBuffer: 2 ** 30,
  });
}

function frameOf(pixels: Uint8Array, number: number): Frame {
  const data = pixels.subarray((number - 1) * FRAME_BYTES, number * FRAME_BYTES);
  const input = { data, width: SIZE, height: SIZE, stride: SIZE * 3 };
  return { picture: data, ...CLIP_SIZE, input, number, at: number * 100, release: () => undefined };
}

/** Greedy matching, best overlap first, at IoU 0.5. */
function matches(found: readonly Box[], truth: readonly Box[]): number {
  const pairs = found
    .flatMap((box, index) => truth.map((target, other) => ({ index, other, overlap: iou(box, target) })))
    .filter(({ overlap }) => overlap >= 0.5)
    .sort((a, b) => b.overlap - a.overlap);
  const used = { found: new Set<number>(), truth: new Set<number>() };
  for (const { index, other } of pairs) {
    if (used.found.has(index) || used.truth.has(other)) continue;
    used.found.add(index);
    used.truth.add(other);
  }
  return used.found.size;
}

const hasTruth = existsSync(TRUTH);
if (!hasTruth)
  process.stdout.write(`the ground truth ${TRUTH} is missing: recall and precision are not tested\n`);

describe.skipIf(!hasTruth)('the default model on the clip (skipped without ../shared/truth)', () => {
  it('finds at least 90 % of the people with at least 95 % precision', async () => {
    const detector = await createDetector({ model: MODEL, threads: 2, threshold: 0.5, logger });
    const pixels = decodeClip();
    const sum = { found: 0, truth: 0, right: 0 };
    for (const [number, truth] of readTruth()) {
      const found = (await detector.detect(frameOf(pixels, number))).map(({ box }) => box);
      sum.found += found.length;
      sum.truth += truth.length;
      sum.right += matches(found, truth);
    }
    await detector.close();
    process.stdout.write(
      `recall ${(sum.right / sum.truth).toFixed(3)}, precision ${(sum.right / sum.found).toFixed(3)}\n`,
    );
    expect(sum.right / sum.truth).toBeGreaterThanOrEqual(0.9);
    expect(sum.right / sum.found).toBeGreaterThanOrEqual(0.95);
  });
});

describe('the detector', () => {
  let detector: Detector;
  let pixels: Uint8Array;
  beforeAll(async () => {
    detector = await createDetector({ model: MODEL, threads: 1, threshold: 0.5, logger });
    pixels = decodeClip();
  });
  afterAll(() => detector.close());

  it('serves several cameras at once and gives each its own answer', async () => {
    const numbers = [1, 200, 400];
    const alone = [];
    for (const number of numbers) alone.push(await detector.detect(frameOf(pixels, number)));
    const together = await Promise.all(numbers.map((number) => detector.detect(frameOf(pixels, number))));
    expect(together).toEqual(alone);
    expect(new Set(together.map(({ length }) => length)).size).toBeGreaterThan(1);
  });

  it('reads rows with a stride', async () => {
    const stride = SIZE * 3 + 96;
    const data = new Uint8Array(stride * SIZE);
    const plain = frameOf(pixels, 300);
    for (let row = 0; row < SIZE; row++)
      data.set(plain.input.data.subarray(row * SIZE * 3, (row + 1) * SIZE * 3), row * stride);
    const strided = { ...plain, input: { ...plain.input, data, stride } };
    expect(await detector.detect(strided)).toEqual(await detector.detect(plain));
  });

  it('finds nobody in a black picture', async () => {
    expect(await detector.detect(frameOf(new Uint8Array(FRAME_BYTES), 1))).toEqual([]);
  });

  it('carries its origin in the file', () => {
    const text = readFileSync(MODEL).toString('latin1');
    for (const word of ['nanodet', 'sourceSha256', 'Apache-2.0', 'human 1.7.1']) expect(text).toContain(word);
    expect(detector.modelHash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a model that cannot be used', () => {
  const create = (model: string) => createDetector({ model, threads: 1, threshold: 0.5, logger });

  it('is named when it is missing', async () => {
    await expect(create('/nowhere/model.onnx')).rejects.toThrow(
      /\/nowhere\/model.onnx cannot be read; build it with/,
    );
  });

  it('is named when it is no model', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'headcount-model-')), 'broken.onnx');
    writeFileSync(file, 'not a model');
    await expect(create(file)).rejects.toMatchObject({
      name: 'DetectorError',
      message: expect.stringContaining(file) as string,
    });
  });

  it('is refused after close', async () => {
    const detector = await create(MODEL);
    await detector.close();
    await expect(detector.detect(frameOf(new Uint8Array(FRAME_BYTES), 1))).rejects.toThrow(
      'the detector is closed',
    );
  });
});
