import type { Rect } from '../camera/frame.js';
import type { CameraConfig } from '../config/config.js';

/** How a model wants its input. */
export interface ModelInput {
  /** In pixels, even numbers. */
  readonly width: number;
  readonly height: number;
  /**
   * `stretch` fills the input whatever the picture's shape, `letterbox` keeps the shape and pads right and below.
   * Each family is used as it was trained; the default model finds more when stretched (docs/adr/0001-model.md).
   */
  readonly fit: 'stretch' | 'letterbox';
}

/** What of a camera's picture the model sees. */
export type CameraView = Pick<CameraConfig, 'region' | 'tiles'>;

/** A camera without a region and tiles. */
export const WHOLE_PICTURE: CameraView = { region: undefined, tiles: '1x1' };

/** How the images lie in what ffmpeg sends. */
export interface Layout {
  readonly input: ModelInput;
  /** Parts of the picture that the model sees, one per tile, in fractions of the picture. */
  readonly tiles: readonly Rect[];
  /**
   * True when the picture for people is an image of its own above the model's inputs. Where the model sees the whole
   * picture stretched, its input is the picture, and half of ffmpeg's scaling and of the pipe is saved.
   */
  readonly stacked: boolean;
}

/** Width of a picture of its own, in pixels; wider only for a model with a wider input. */
const PICTURE_WIDTH = 576;
/**
 * Neighbouring tiles share this part of the region's width or height, so that somebody on the seam is whole in at
 * least one of them: a sixth is about the width of the widest walker that still needs tiles.
 */
const TILE_OVERLAP = 1 / 6;
const WHOLE: Rect = { x: 0, y: 0, w: 1, h: 1 };

/** Plan the images of a camera. */
export function layoutOf(view: CameraView, input: ModelInput): Layout {
  const region = view.region === undefined ? WHOLE : rectOf(view.region);
  const [columns = 1, rows = 1] = view.tiles.split('x').map(Number);
  const across = spans(region.x, region.w, columns);
  const down = spans(region.y, region.h, rows);
  const tiles = down.flatMap(([y, h]) => across.map(([x, w]) => ({ x, y, w, h })));
  const whole = view.region === undefined && tiles.length === 1;
  return { input, tiles, stacked: !whole || input.fit === 'letterbox' };
}

/** Width of the images that ffmpeg sends, in pixels. */
export function stackWidth({ input, stacked }: Layout): number {
  return stacked ? Math.max(PICTURE_WIDTH, input.width) : input.width;
}

function rectOf({ from, to }: NonNullable<CameraView['region']>): Rect {
  return { x: from[0], y: from[1], w: to[0] - from[0], h: to[1] - from[1] };
}

/** Overlapping spans [start, length] that cover a length. */
function spans(start: number, length: number, count: number): (readonly [number, number])[] {
  const part = count === 1 ? length : (length * (1 + TILE_OVERLAP * (count - 1))) / count;
  return Array.from({ length: count }, (_, index) => [
    start + (count === 1 ? 0 : (index * (length - part)) / (count - 1)),
    part,
  ]);
}
