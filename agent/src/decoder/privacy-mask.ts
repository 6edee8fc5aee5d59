import type { Rect, YuvImage } from '../camera/frame.js';
import type { FrameImages } from './cut-frame.js';

/** Polygons in fractions of the picture that nobody may see. */
export type PrivacyMask = readonly (readonly (readonly [number, number])[])[];

/** Black in limited-range YUV. */
const BLACK_LUMA = 16;
const NO_COLOUR = 128;

/** Bytes of a frame's buffer that are private, and what stands there instead. */
export interface BlackRun {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** Blacken the private parts of a frame in place. */
export function blacken(buffer: Uint8Array, runs: readonly BlackRun[]): void {
  for (const { from, to, value } of runs) buffer.fill(value, from, to);
}

/** The private parts of all images of a frame: of the picture and of everything the model sees. */
export function blackRuns(mask: PrivacyMask, frame: FrameImages, buffer: Uint8Array): BlackRun[] {
  const { width, height, picture, views } = frame;
  const whole = { x: 0, y: 0, w: 1, h: 1 };
  const others = views.filter(({ image }) => image !== picture);
  const images = [
    { image: picture, part: whole },
    ...others.map(({ image, area: { x, y, w, h } }) => ({
      image,
      part: { x: x / width, y: y / height, w: w / width, h: h / height },
    })),
  ];
  return mask.flatMap((polygon) => images.flatMap(({ image, part }) => runsOf(polygon, image, part, buffer)));
}

/** @param part what the image shows, in fractions of the picture */
function runsOf(polygon: PrivacyMask[number], image: YuvImage, part: Rect, buffer: Uint8Array): BlackRun[] {
  const corners = polygon.map(([x, y]): [number, number] => [
    ((x - part.x) / part.w) * image.width,
    ((y - part.y) / part.h) * image.height,
  ]);
  const run = (plane: Uint8Array, at: number, length: number, value: number): BlackRun => {
    const from = plane.byteOffset - buffer.byteOffset + at;
    return { from, to: from + length, value };
  };
  // Two rows at a time, as chroma has them; a pair is masked where either row is, so that no edge shows through.
  return Array.from({ length: image.height / 2 }, (_, pair) => 2 * pair).flatMap((row) =>
    [...spansAt(corners, row + 0.5), ...spansAt(corners, row + 1.5)].flatMap(([left, right]) => {
      const start = Math.max(0, Math.floor(left / 2) * 2);
      const length = Math.min(image.width, Math.ceil(right / 2) * 2) - start;
      if (length <= 0) return [];
      const luma = row * image.strideY + start;
      const chroma = (row / 2) * image.strideUv + start / 2;
      return [
        run(image.y, luma, length, BLACK_LUMA),
        run(image.y, luma + image.strideY, length, BLACK_LUMA),
        run(image.u, chroma, length / 2, NO_COLOUR),
        run(image.v, chroma, length / 2, NO_COLOUR),
      ];
    }),
  );
}

/** Where a horizontal line is inside a polygon (even-odd rule). */
function spansAt(corners: readonly (readonly [number, number])[], y: number): [number, number][] {
  const crossings = corners
    .flatMap(([x1, y1], index) => {
      const [x2, y2] = corners[(index + 1) % corners.length] ?? [x1, y1];
      return y1 <= y !== y2 <= y ? [x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)] : [];
    })
    .sort((a, b) => a - b);
  return crossings.flatMap((from, index): [number, number][] =>
    index % 2 === 0 ? [[from, crossings[index + 1] ?? from]] : [],
  );
}
