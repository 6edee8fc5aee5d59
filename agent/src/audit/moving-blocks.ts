import type { Box } from '@headcount/shared';
import type { YuvImage } from '../camera/frame.js';

/** Side of a block (pixels of the clip). */
const BLOCK = 8;
/** A block moves when its mean luma is so far from what it usually is in the clip. */
const MOVES = 6;

/**
 * Where something moves, in each picture of a clip: people whom the detector missed are hidden by this. Somebody who
 * stands still all the time and is missed is not.
 * @param pictures of one size, at least one
 * @returns boxes per picture, in its pixels
 */
export function movingBlocks(pictures: readonly YuvImage[]): Box[][] {
  const means = pictures.map(blockMeans);
  const columns = Math.ceil((pictures[0]?.width ?? 0) / BLOCK);
  const usual = Uint8Array.from(means[0] ?? [], (_, block) => {
    const values = means.map((picture) => picture[block] ?? 0).sort((one, other) => one - other);
    return values[values.length >> 1] ?? 0;
  });
  return means.map((picture) =>
    [...usual.entries()]
      .filter(([block, mean]) => Math.abs((picture[block] ?? 0) - mean) > MOVES)
      .map(([block]) => ({
        x: (block % columns) * BLOCK,
        y: Math.floor(block / columns) * BLOCK,
        w: BLOCK,
        h: BLOCK,
      })),
  );
}

function blockMeans({ y, width, height, strideY }: YuvImage): Uint8Array {
  const columns = Math.ceil(width / BLOCK);
  const sums = new Uint32Array(columns * Math.ceil(height / BLOCK));
  const pixels = new Uint32Array(sums.length);
  for (let row = 0; row < height; row++) {
    const first = Math.floor(row / BLOCK) * columns;
    for (let column = 0; column < width; column++) {
      const block = first + Math.floor(column / BLOCK);
      sums[block] = (sums[block] as number) + (y[row * strideY + column] as number);
      pixels[block] = (pixels[block] as number) + 1;
    }
  }
  return Uint8Array.from(sums, (sum, block) => sum / (pixels[block] as number));
}
