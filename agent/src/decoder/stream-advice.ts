import type { StreamInfo } from '../camera/frame.js';
import { WHOLE_PICTURE, type CameraView, type ModelInput } from './layout.js';

/** A stream may be so many times wider than what the model sees before a smaller one would do (share). */
const SPARE_WIDTH = 2;
/** Below this share of what the model sees, people are blown up and lost. */
const LEAST_WIDTH = 0.75;
/** A stream may send so many times the frames that are looked at. */
const SPARE_FPS = 2;
/** What cameras offer as their second stream (pixels). */
const SUB_STREAM = { width: 640, height: 360 };

/** What should be set differently at the camera. */
export interface StreamAdvice {
  readonly code: 'use-sub-stream' | 'lower-rate' | 'too-small';
  /** For the words: sizes in pixels, frames per second, how many times the cost. */
  readonly values: Readonly<Record<'width' | 'height' | 'fps' | 'wanted' | 'times' | 'needed', number>>;
}

/** What a camera is asked for. */
export interface StreamNeed {
  readonly view: CameraView;
  readonly input: Pick<ModelInput, 'width'>;
  /** Most frames per second that are looked at. */
  readonly fps: number;
}

/** What a camera without further settings is asked for: the bundled model's width and the default rate. */
export const USUAL_NEED: StreamNeed = { view: WHOLE_PICTURE, input: { width: 416 }, fps: 10 };

/**
 * Compare a stream with what is needed. Every frame that a camera sends is decoded, whether it is looked at or not, and
 * decoding costs about as much as there are pixels.
 */
export function streamAdvice(stream: StreamInfo, need: StreamNeed): StreamAdvice[] {
  const { width, height } = stream;
  const fps = stream.fps ?? need.fps;
  const { region, tiles } = need.view;
  const columns = Number(tiles.split('x')[0]);
  const share = region === undefined ? 1 : region.to[0] - region.from[0];
  const needed = Math.round((need.input.width * columns) / share);
  const times = Math.round((10 * width * height) / (SUB_STREAM.width * SUB_STREAM.height)) / 10;
  const values = { width, height, fps, wanted: need.fps, times, needed };
  const advice: StreamAdvice[] = [];
  if (width > SPARE_WIDTH * needed) advice.push({ code: 'use-sub-stream', values });
  if (width < LEAST_WIDTH * needed) advice.push({ code: 'too-small', values });
  if (fps > SPARE_FPS * need.fps) advice.push({ code: 'lower-rate', values });
  return advice;
}

/** The same for the command line. */
export function adviceInWords({ code, values }: StreamAdvice): string {
  const { width, height, fps, wanted, times, needed } = values;
  switch (code) {
    case 'use-sub-stream':
      return (
        `the stream is ${width} x ${height} at ${fps} frames per second; decoding it costs ${times} times as much ` +
        'as a sub-stream of 640 x 360. Use the sub-stream of the camera: often ' +
        '.../Streaming/Channels/102 (Hikvision) or ...subtype=1 (Dahua)'
      );
    case 'too-small':
      return `the stream is ${width} pixels wide, the model wants ${needed}: small people are missed. Use a larger stream`;
    case 'lower-rate':
      return `the stream sends ${fps} frames per second, ${wanted} are looked at. Set the camera to ${wanted}`;
  }
}
