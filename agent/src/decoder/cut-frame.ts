import type { Frame, ModelView, Rect, YuvImage } from '../camera/frame.js';
import { stackWidth, type Layout, type ModelInput } from './layout.js';

/** What the header of ffmpeg's stream says. */
export interface StreamShape {
  /** Of the whole image, in pixels, even. */
  readonly width: number;
  readonly height: number;
  /** Width of a pixel divided by its height. */
  readonly sampleAspect: number;
}

/** The images of one frame, without copying. */
export type FrameImages = Pick<Frame, 'width' | 'height' | 'picture' | 'views'>;

/**
 * Find the picture and the model's views in the I420 bytes of one frame.
 * @throws Error when the stream's size is not what the layout asked ffmpeg for
 */
export function cutFrame(bytes: Uint8Array, shape: StreamShape, layout: Layout): FrameImages {
  const { input, tiles, stacked } = layout;
  const pictureHeight = stacked ? shape.height - tiles.length * input.height : shape.height;
  if (shape.width !== stackWidth(layout) || pictureHeight <= 0)
    throw new Error(`ffmpeg sent frames of ${shape.width}x${shape.height}, which nobody asked for`);
  const rows = (top: number, width: number, height: number) => cutRows(bytes, shape, { top, width, height });
  const picture = rows(0, shape.width, pictureHeight);
  // Square pixels: the stretched image has as many rows as the plane, and its width follows from the aspect ratio.
  const width = Math.round(shape.width * shape.sampleAspect);
  const size = { width, height: pictureHeight };
  const views = tiles.map((tile, index): ModelView => {
    const top = pictureHeight + index * input.height;
    const image = stacked ? rows(top, input.width, input.height) : picture;
    return { image, area: areaOf(tile, size, input) };
  });
  return { ...size, picture, views };
}

/** What a model's whole image shows, in pixels of the frame; padding lies to the right or below. */
function areaOf(tile: Rect, size: { width: number; height: number }, input: ModelInput): Rect {
  const area = {
    x: tile.x * size.width,
    y: tile.y * size.height,
    w: tile.w * size.width,
    h: tile.h * size.height,
  };
  if (input.fit === 'stretch') return area;
  const scale = Math.max(area.w / input.width, area.h / input.height);
  return { ...area, w: input.width * scale, h: input.height * scale };
}

function cutRows(
  bytes: Uint8Array,
  shape: StreamShape,
  { top, width, height }: { top: number; width: number; height: number },
): YuvImage {
  const strideY = shape.width;
  const strideUv = shape.width / 2;
  const luma = shape.width * shape.height;
  const chroma = luma / 4;
  const first = (top / 2) * strideUv;
  const length = (height / 2) * strideUv;
  return {
    y: bytes.subarray(top * strideY, (top + height) * strideY),
    u: bytes.subarray(luma + first, luma + first + length),
    v: bytes.subarray(luma + chroma + first, luma + chroma + first + length),
    width,
    height,
    strideY,
    strideUv,
  };
}
