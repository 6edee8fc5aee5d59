import { pino } from 'pino';
import type { Frame } from '../../src/camera/frame.js';
import { lineSchema } from '../../src/config/camera-config.js';
import { createFfmpegSource } from '../../src/decoder/ffmpeg-source.js';
import { layoutOf, WHOLE_PICTURE } from '../../src/decoder/layout.js';
import { ffmpegMajorVersion } from '../../src/decoder/probe.js';
import type { Detector } from '../../src/detector/detector.js';
import { EVERYBODY } from '../../src/detector/person-filter.js';
import { FrameCounter } from '../../src/pipeline/frame-counter.js';
import { PersonCounter } from '../../src/pipeline/person-counter.js';

/** Least score that starts a track. */
export const THRESHOLD = 0.5;
const lines = [lineSchema.parse({ id: 'a', name: 'A', from: [0.39, 0.26], to: [0.39, 0.83] })];

/** Count a clip from beginning to end, every frame; gives how many there were and how many the gate spared the model. */
export async function runPipeline(
  clip: string,
  detector: Detector,
  options: { motionGate: boolean; pace?: 'newest' | 'every'; fps?: number },
): Promise<{ frames: number; gated: number }> {
  const counter = new FrameCounter({
    detector,
    counter: new PersonCounter({ lines, highScore: THRESHOLD }),
    filter: EVERYBODY,
    motionGate: options.motionGate,
  });
  const source = createFfmpegSource({
    url: clip,
    credentials: undefined,
    layout: layoutOf(WHOLE_PICTURE, detector.input),
    mask: [],
    fps: options.fps,
    ffmpegMajor: await ffmpegMajorVersion(),
    pace: options.pace ?? 'every',
    monotonic: () => performance.now(),
    logger: pino({ level: 'silent' }),
  });
  let frames = 0;
  const count = async (frame: Frame) => {
    await counter.count(frame, frame.number * 100);
    frame.release();
    frames += 1;
  };
  let work = Promise.resolve();
  await new Promise<void>((resolve) => {
    source.start({
      onFrame: (frame) => {
        work = work.then(() => count(frame));
      },
      onEnd: () => resolve(),
    });
  });
  await work;
  return { frames, gated: counter.gated };
}
