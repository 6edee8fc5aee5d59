import type { Logger } from 'pino';
import type { Frame } from '../camera/frame.js';
import { lineSchema, type LineConfig } from '../config/camera-config.js';
import type { Crossing } from '../counter/line-counter.js';
import { createFfmpegSource } from '../decoder/ffmpeg-source.js';
import { layoutOf, WHOLE_PICTURE } from '../decoder/layout.js';
import { ffmpegMajorVersion, probe } from '../decoder/probe.js';
import type { Detector } from '../detector/detector.js';
import { EVERYBODY } from '../detector/person-filter.js';
import { FrameCounter } from '../pipeline/frame-counter.js';
import { PersonCounter } from '../pipeline/person-counter.js';
import { matchEvents, type FrameEvent, type LineScore } from './match.js';
import { directionOf, type Truth } from './truth.js';

/** A counted event may lie so far from the true one: 1 s of the clip's 10 fps, twice the truth's own step (frames). */
const TOLERANCE_FRAMES = 10;
/** Frame rate of a clip that does not say its own. */
const DEFAULT_FPS = 10;

/** What an evaluation runs on. */
export interface EvaluateOptions {
  /** Path of a video file. */
  readonly clip: string;
  readonly truth: Truth;
  readonly detector: Detector;
  readonly highScore: number;
  readonly logger: Logger;
  readonly onProgress: (frames: number) => void;
}

/** The score of one line. */
export interface LineReport extends LineScore {
  readonly id: string;
}

/**
 * Count a clip with the live pipeline's own parts, every frame, and compare with the truth. The run starts at the
 * clip's beginning, so that tracks are warm where scoring begins.
 */
export async function evaluate(options: EvaluateOptions): Promise<LineReport[]> {
  const { clip, truth } = options;
  const ffmpegMajor = await ffmpegMajorVersion();
  const info = await probe({ url: clip, credentials: undefined }, ffmpegMajor);
  const fps = info.fps ?? DEFAULT_FPS;
  const lines = Object.entries(truth.lines).map(([id, { from, to }]): LineConfig => {
    const scale = ([x, y]: [number, number]): [number, number] => [x / info.width, y / info.height];
    return lineSchema.parse({ id: id.toLowerCase(), name: id, from: scale(from), to: scale(to) });
  });
  const crossings = await countClip({ ...options, lines, fps, ffmpegMajor });
  return Object.entries(truth.lines).map(([id, line]) => {
    const inRange = ({ frame }: FrameEvent) => frame >= truth.frames.from && frame <= truth.frames.to;
    const counted = crossings
      .filter((crossing) => crossing.line === id.toLowerCase())
      .map(({ at, direction }) => ({ frame: (at / 1000) * fps, direction }))
      .filter(inRange);
    const events = (list: Truth['lines'][string]['events']) =>
      list.map(([frame, , name]) => ({ frame, direction: directionOf(name) }));
    return {
      id,
      ...matchEvents({
        counted,
        truth: events(line.events),
        optional: events(line.optional),
        tolerance: TOLERANCE_FRAMES,
      }),
    };
  });
}

/** All crossings of a clip; their time is the clip's own in ms, frame n at n / fps. */
async function countClip(
  options: EvaluateOptions & { lines: readonly LineConfig[]; fps: number; ffmpegMajor: number },
): Promise<Crossing[]> {
  const { clip, detector, lines, fps, ffmpegMajor, logger, onProgress } = options;
  const counter = new FrameCounter({
    detector,
    counter: new PersonCounter({ lines, highScore: options.highScore }),
    filter: EVERYBODY,
    motionGate: true,
  });
  const source = createFfmpegSource({
    url: clip,
    credentials: undefined,
    layout: layoutOf(WHOLE_PICTURE, detector.input),
    mask: [],
    fps: undefined,
    ffmpegMajor,
    pace: 'every',
    monotonic: () => performance.now(),
    logger,
  });
  const crossings: Crossing[] = [];
  let work: Promise<void> = Promise.resolve();
  const count = async (frame: Frame) => {
    try {
      crossings.push(...(await counter.count(frame, (frame.number * 1000) / fps)).crossings);
      onProgress(frame.number);
    } finally {
      frame.release();
    }
  };
  await new Promise<void>((resolve, reject) => {
    source.start({
      // Frames are counted one after the other; the pool's backpressure holds ffmpeg meanwhile.
      onFrame: (frame) => {
        work = work.then(() => count(frame));
        work.catch(reject);
      },
      onEnd: ({ cause, detail }) =>
        cause === 'stream-ended'
          ? resolve()
          : reject(new Error(`${clip} cannot be decoded: ${detail || cause}`)),
    });
  });
  await work;
  return crossings;
}
