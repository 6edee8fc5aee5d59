import { pino } from 'pino';
import type { Frame, Rect } from '../../../agent/src/camera/frame.js';
import { createFfmpegSource } from '../../../agent/src/decoder/ffmpeg-source.js';
import { layoutOf, WHOLE_PICTURE, type ModelInput } from '../../../agent/src/decoder/layout.js';
import { ffmpegMajorVersion } from '../../../agent/src/decoder/probe.js';
import { packedBytes, packImage } from '../../../agent/src/detector/pixels.js';

/** A frame as the model gets it: packed I420, and what it shows in fractions of the picture. */
export interface ModelFrame {
  /** From 1. */
  readonly number: number;
  readonly packed: Uint8Array;
  readonly area: Rect;
}

/**
 * Frames of a clip, decoded as the agent does.
 * @param wanted which frame numbers; memory is half a megabyte each
 * @throws Error when the clip cannot be decoded
 */
export async function readFrames(
  clip: string,
  input: ModelInput,
  wanted: (number: number) => boolean,
): Promise<{ frames: ModelFrame[]; count: number }> {
  const source = createFfmpegSource({
    url: clip,
    credentials: undefined,
    layout: layoutOf(WHOLE_PICTURE, input),
    mask: [],
    fps: undefined,
    ffmpegMajor: await ffmpegMajorVersion(),
    pace: 'every',
    monotonic: () => performance.now(),
    logger: pino({ level: 'silent' }),
  });
  const frames: ModelFrame[] = [];
  let count = 0;
  const take = (frame: Frame) => {
    count += 1;
    if (wanted(frame.number)) frames.push(copy(frame, input));
    frame.release();
  };
  return new Promise((resolve, reject) => {
    source.start({
      onFrame: take,
      onEnd: ({ cause, detail }) => {
        if (cause === 'stream-ended' && count > 0) resolve({ frames, count });
        else reject(new Error(`${clip} cannot be decoded: ${detail || cause}`));
      },
    });
  });
}

function copy({ number, views, width, height }: Frame, input: ModelInput): ModelFrame {
  const packed = new Uint8Array(packedBytes(input));
  const [view] = views;
  if (view === undefined) throw new RangeError('a frame without a view');
  packImage(view.image, packed);
  const { x, y, w, h } = view.area;
  return { number, packed, area: { x: x / width, y: y / height, w: w / width, h: h / height } };
}
