import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import type { Frame } from '../src/camera/frame.js';
import { lineSchema } from '../src/config/camera-config.js';
import { createFfmpegSource } from '../src/decoder/ffmpeg-source.js';
import { layoutOf, WHOLE_PICTURE } from '../src/decoder/layout.js';
import { ffmpegMajorVersion } from '../src/decoder/probe.js';
import { createDetector } from '../src/detector/onnx-detector.js';
import { PersonCounter } from '../src/pipeline/person-counter.js';
import { LOW_SCORE_SHARE } from '../src/tracker/tracker.js';

const CLIP = fileURLToPath(new URL('../../.cache/vtest.avi', import.meta.url));
const MODEL = fileURLToPath(new URL('../models/person-detector.onnx', import.meta.url));
const THRESHOLD = 0.5;
/** At the clip's own 10 frames a second this takes 20 s; the first ones warm up and are not counted. */
const FRAMES = 200;
const WARM_UP = 50;
const lines = [lineSchema.parse({ id: 'a', name: 'A', from: [0.39, 0.26], to: [0.39, 0.83] })];

/**
 * What the agent's main thread spends on a frame of a live camera: everything but ffmpeg's decoding and the model's
 * inference, which run elsewhere. At the camera's own pace, because flat out the three would fight for the same cores
 * and the waiting would be counted as work.
 */
export async function run(): Promise<BenchRow[]> {
  const logger = pino({ level: 'silent' });
  const detector = await createDetector({
    model: MODEL,
    family: 'auto',
    threads: 1,
    threshold: THRESHOLD * LOW_SCORE_SHARE,
    logger,
  });
  const counter = new PersonCounter({ lines, highScore: THRESHOLD });
  let loop = performance.eventLoopUtilization();
  const sum = { frames: 0, inference: 0, roundTrip: 0, counting: 0 };
  const source = createFfmpegSource({
    url: CLIP,
    credentials: undefined,
    layout: layoutOf(WHOLE_PICTURE, detector.input),
    mask: [],
    fps: undefined,
    ffmpegMajor: await ffmpegMajorVersion(),
    pace: 'newest',
    monotonic: () => performance.now(),
    logger,
  });
  const count = async (frame: Frame) => {
    const started = performance.now();
    const detections = await detector.detect(frame);
    const detected = performance.now();
    counter.update({ width: frame.width, height: frame.height, at: frame.number * 100 }, detections);
    frame.release();
    if (frame.number === WARM_UP) loop = performance.eventLoopUtilization();
    if (frame.number <= WARM_UP) return;
    sum.frames += 1;
    sum.inference += detector.lastInferenceMs ?? 0;
    sum.roundTrip += detected - started;
    sum.counting += performance.now() - detected;
  };
  let work = Promise.resolve();
  await new Promise<void>((resolve) => {
    source.start({
      onFrame: (frame) => {
        work = work.then(() => count(frame));
        if (frame.number === FRAMES) void source.stop();
      },
      onEnd: () => resolve(),
    });
  });
  await work;
  const { active } = performance.eventLoopUtilization(loop);
  await detector.close();
  const per = (ms: number) => `${(ms / sum.frames).toFixed(2)} ms`;
  return [
    { name: 'frames', value: String(sum.frames) },
    { name: 'inference in the worker, 1 thread, per frame', value: per(sum.inference) },
    { name: 'hand-over to the worker and back, per frame', value: per(sum.roundTrip - sum.inference) },
    { name: 'tracking and line counting, per frame', value: per(sum.counting) },
    { name: 'main thread busy, everything (pipe, copies, tracking), per frame', value: per(active) },
    {
      name: 'main thread busy as a share of inference',
      value: `${((100 * active) / sum.inference).toFixed(1)} %`,
    },
    { name: 'resident memory at the end', value: `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB` },
  ];
}
