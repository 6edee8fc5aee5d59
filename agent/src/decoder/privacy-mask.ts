import type { Rect, YuvImage } from '../camera/frame.js';
import type { FrameImages } from './cut-frame.js';

/** Polygons in fractions of the picture that nobody may see. */
export type PrivacyMask = readonly (readonly (readonly [number, number])[])[];

/** Black in limited-range YUV. */
const BLACK_LUMA = 16;
const NO_COLOUR = 128;

/** Blacken the private parts of a frame in place: in the picture and in everything the model sees. */
export function maskPicture(mask: PrivacyMask, frame: FrameImages): void {
  if (mask.length === 0) return;
  const { width, height, picture, views } = frame;
  for (const polygon of mask) {
    blacken(polygon, picture, { x: 0, y: 0, w: 1, h: 1 });
    for (const { image, area } of views) {
      if (image === picture) continue;
      const part = { x: area.x / width, y: area.y / height, w: area.w / width, h: area.h / height };
      blacken(polygon, image, part);
    }
  }
}

/** @param part what the image shows, in fractions of the picture */
function blacken(polygon: PrivacyMask[number], image: YuvImage, part: Rect): void {
  const corners = polygon.map(([x, y]): [number, number] => [
    ((x - part.x) / part.w) * image.width,
    ((y - part.y) / part.h) * image.height,
  ]);
  // Two rows at a time, as chroma has them; a pair is masked where either row is, so that no edge shows through.
  for (let row = 0; row < image.height; row += 2) {
    for (const [from, to] of [...spansAt(corners, row + 0.5), ...spansAt(corners, row + 1.5)]) {
      const start = Math.max(0, Math.floor(from / 2) * 2);
      const end = Math.min(image.width, Math.ceil(to / 2) * 2);
      if (start >= end) continue;
      image.y.fill(BLACK_LUMA, row * image.strideY + start, row * image.strideY + end);
      image.y.fill(BLACK_LUMA, (row + 1) * image.strideY + start, (row + 1) * image.strideY + end);
      const chromaRow = (row / 2) * image.strideUv;
      image.u.fill(NO_COLOUR, chromaRow + start / 2, chromaRow + end / 2);
      image.v.fill(NO_COLOUR, chromaRow + start / 2, chromaRow + end / 2);
    }
  }
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
