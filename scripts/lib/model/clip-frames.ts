import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pino, type Logger } from 'pino';
import type { Frame, Rect } from '../../../agent/src/camera/frame.js';
import { createFfmpegSource } from '../../../agent/src/decoder/ffmpeg-source.js';
import { layoutOf, WHOLE_PICTURE, type ModelInput } from '../../../agent/src/decoder/layout.js';
import { ffmpegMajorVersion, probe } from '../../../agent/src/decoder/probe.js';
import { packedBytes, packImage } from '../../../agent/src/detector/pixels.js';

const silent = pino({ level: 'silent' });

/** A frame as the model gets it: packed I420, and what it shows in pixels of the clip. */
export interface ModelFrame {
  /** From 1. */
  readonly number: number;
  readonly packed: Uint8Array;
  readonly area: Rect;
}

/**
 * Every frame of a clip, one after the other, decoded as the agent does; valid until `take` is over.
 * @throws Error when the clip cannot be decoded
 */
export async function eachFrame(
  { clip, input, logger = silent }: { clip: string; input: ModelInput; logger?: Logger },
  take: (frame: Frame) => Promise<void> | void,
): Promise<void> {
  const source = createFfmpegSource({
    url: clip,
    credentials: undefined,
    layout: layoutOf(WHOLE_PICTURE, input),
    mask: [],
    fps: undefined,
    ffmpegMajor: await ffmpegMajorVersion(),
    pace: 'every',
    monotonic: () => performance.now(),
    logger,
  });
  let work = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    source.start({
      onFrame: (frame) => {
        // Also after a failure, which waits for the end of the clip: frames that are kept would stop the decoder.
        work = work.then(() => take(frame)).finally(() => frame.release());
        work.catch(() => undefined);
      },
      onEnd: ({ cause, detail }) => {
        if (cause === 'stream-ended') resolve();
        else reject(new Error(`${clip} cannot be decoded: ${detail || cause}`));
      },
    });
  });
  await work;
}

/**
 * Frames of a clip as the model gets them.
 * @param wanted which frame numbers; memory is a quarter of a megabyte each
 * @throws Error when the clip cannot be decoded
 */
export async function readFrames(
  clip: string,
  input: ModelInput,
  wanted: (number: number) => boolean,
): Promise<ModelFrame[]> {
  const size = await probe({ url: clip, credentials: undefined }, await ffmpegMajorVersion());
  const frames: ModelFrame[] = [];
  await eachFrame({ clip, input }, (frame) => {
    if (wanted(frame.number)) frames.push(copy(frame, input, size));
  });
  return frames;
}

/**
 * So many frames, spread evenly over a clip.
 * @param phase where in each stretch the frame lies, 0 to below 1: different phases give different frames
 */
export async function spreadFrames(
  clip: string,
  input: ModelInput,
  { count, phase }: { readonly count: number; readonly phase: number },
): Promise<ModelFrame[]> {
  const all = await countFrames(clip);
  const chosen = new Set(
    Array.from({ length: count }, (_, index) => 1 + Math.floor(((index + phase) * all) / count)),
  );
  return readFrames(clip, input, (number) => chosen.has(number));
}

/** Frames of a video file, without decoding them. */
export async function countFrames(clip: string): Promise<number> {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-count_packets'];
  const show = ['-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0'];
  const { stdout } = await promisify(execFile)('ffprobe', [...args, ...show, clip]);
  return Number.parseInt(stdout, 10);
}

function copy(
  { number, views, ...frame }: Frame,
  input: ModelInput,
  size: { readonly width: number; readonly height: number },
): ModelFrame {
  const packed = new Uint8Array(packedBytes(input));
  const [view] = views;
  if (view === undefined) throw new RangeError('a frame without a view');
  packImage(view.image, packed);
  const { x, y, w, h } = view.area;
  const [scaleX, scaleY] = [size.width / frame.width, size.height / frame.height];
  return { number, packed, area: { x: x * scaleX, y: y * scaleY, w: w * scaleX, h: h * scaleY } };
}
