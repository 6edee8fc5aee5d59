import type { Box } from '@headcount/shared';

/** Blocks across a person's width: posture stays visible, a face is one block or two. */
const BLOCKS_ACROSS = 5;
/** Smallest block, in pixels: people far away are only a few blocks high. */
const SMALLEST_BLOCK = 6;
/** The box is grown by this share on every side: a face at its edge must not look out. */
const MARGIN = 0.1;

/**
 * Replace people by a coarse mosaic, in place.
 * @param rgb interleaved RGB24, `width * height * 3` bytes
 * @param boxes in pixels of that picture; parts outside it are ignored
 */
export function pixelate(
  rgb: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  boxes: readonly Box[],
): void {
  for (const box of boxes) {
    const block = Math.max(SMALLEST_BLOCK, Math.round(box.w / BLOCKS_ACROSS));
    const left = Math.max(0, Math.floor(box.x - MARGIN * box.w));
    const top = Math.max(0, Math.floor(box.y - MARGIN * box.h));
    const right = Math.min(width, Math.ceil(box.x + (1 + MARGIN) * box.w));
    const bottom = Math.min(height, Math.ceil(box.y + (1 + MARGIN) * box.h));
    for (let y = top; y < bottom; y += block)
      for (let x = left; x < right; x += block)
        flatten(rgb, width, { x, y, right: Math.min(x + block, right), bottom: Math.min(y + block, bottom) });
  }
}

/** Give every pixel of a block the mean colour of the block. */
function flatten(
  rgb: Uint8Array,
  width: number,
  { x, y, right, bottom }: { x: number; y: number; right: number; bottom: number },
): void {
  const sums = [0, 0, 0];
  const each = (visit: (at: number) => void) => {
    for (let row = y; row < bottom; row++)
      for (let column = x; column < right; column++) visit((row * width + column) * 3);
  };
  each((at) => {
    for (let channel = 0; channel < 3; channel++)
      sums[channel] = (sums[channel] ?? 0) + (rgb[at + channel] ?? 0);
  });
  const pixels = (right - x) * (bottom - y);
  const mean = sums.map((sum) => Math.round(sum / pixels));
  each((at) => rgb.set(mean, at));
}
