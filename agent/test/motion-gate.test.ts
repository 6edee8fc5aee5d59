import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachFrame } from '../../scripts/lib/model/clip-frames.js';
import { lineSchema } from '../src/config/camera-config.js';
import type { Crossing } from '../src/counter/line-counter.js';
import type { Detector } from '../src/detector/detector.js';
import { createDetector } from '../src/detector/onnx-detector.js';
import { EVERYBODY } from '../src/detector/person-filter.js';
import { FrameCounter } from '../src/pipeline/frame-counter.js';
import { PersonCounter } from '../src/pipeline/person-counter.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const CLIP = here('../../.cache/vtest.avi');
const logger = pino({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'headcount-gate-'));
const file = (name: string) => join(folder, name);
const ffmpeg = (...args: string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args]);
/** When the person steps into the empty scene, and how fast it goes: seconds, pixels a second of the 768 wide clip. */
const ENTERS = 15;
const SPEED = 70;

/**
 * Fifteen seconds of the empty place with camera noise, then one person from the clip slides through from left to right.
 * The place without people is the median of many frames.
 */
function makeClip(person: { x: number; y: number; w: number; h: number }): string {
  const { x, y, w, h } = person;
  const even = (value: number) => 2 * Math.round(value / 2);
  ffmpeg(
    '-i',
    CLIP,
    '-vf',
    'select=not(mod(n\\,6)),tmedian=radius=60',
    '-frames:v',
    '1',
    '-update',
    '1',
    file('empty.png'),
  );
  const cut = `select=eq(n\\,299),crop=${even(w)}:${even(h)}:${even(x)}:${even(y)}`;
  ffmpeg('-i', CLIP, '-vf', cut, '-frames:v', '1', '-update', '1', file('person.png'));
  const loop = ['-loop', '1', '-framerate', '10', '-t', '27'];
  const walk = `[0][1]overlay=x='-${even(w)}+max(0,t-${ENTERS})*${SPEED}':y=${even(y)},noise=alls=5:allf=t[out]`;
  const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p'];
  ffmpeg(
    ...loop,
    '-i',
    file('empty.png'),
    ...loop,
    '-i',
    file('person.png'),
    '-filter_complex',
    walk,
    '-map',
    '[out]',
    ...encode,
    file('scene.mp4'),
  );
  return file('scene.mp4');
}

describe('the motion gate on pictures', () => {
  let detector: Detector;
  let scene = '';
  beforeAll(async () => {
    const model = here('../models/person-detector.onnx');
    detector = await createDetector({ model, family: 'auto', threads: 2, threshold: 0.3, logger });
    let best = { x: 0, y: 0, w: 0, h: 0 };
    await eachFrame({ clip: CLIP, input: detector.input, logger }, async (frame) => {
      if (frame.number !== 300) return;
      const [first] = await detector.detect(frame);
      const scale = 768 / frame.width;
      const { x = 0, y = 0, w = 0, h = 0 } = first?.box ?? {};
      best = { x: x * scale - 4, y: y * scale - 4, w: w * scale + 8, h: h * scale + 8 };
    });
    scene = makeClip(best);
  }, 120_000);
  afterAll(() => detector.close());

  const count = async (motionGate: boolean) => {
    const lines = [lineSchema.parse({ id: 'a', name: 'A', from: [0.5, 0], to: [0.5, 1] })];
    const counter = new FrameCounter({
      detector,
      counter: new PersonCounter({ lines, highScore: 0.5 }),
      filter: EVERYBODY,
      motionGate,
    });
    const crossings: Crossing[] = [];
    let gatedBefore = 0;
    await eachFrame({ clip: scene, input: detector.input, logger }, async (frame) => {
      crossings.push(...(await counter.count(frame, frame.number * 100)).crossings);
      if (frame.number === ENTERS * 10) gatedBefore = counter.gated;
    });
    return { crossings: crossings.map(({ direction }) => direction), gatedBefore };
  };

  it('spares the model the empty scene, and the first person who then walks in is counted', async () => {
    const { crossings, gatedBefore } = await count(true);
    expect(crossings).toEqual(['out']);
    expect(gatedBefore).toBeGreaterThanOrEqual(ENTERS * 10 * 0.7);
  }, 60_000);

  it('counts what is counted without it', async () => {
    expect((await count(true)).crossings).toEqual((await count(false)).crossings);
  }, 60_000);
});
