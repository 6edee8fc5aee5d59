import { median, medianPicture, spreadAround } from './median.js';
import { BLOCK, blockOf, BLOCKS, CELLS, COLUMNS, ROWS, type SceneSample } from './scene-sample.js';

/** An edge is a place where luma changes by more than this over two cells … */
const LEAST_EDGE = 8;
/** … and that stays itself: the change is so many times what half of the pictures differ there. */
const STEADY_FACTOR = 3;
/** A block with fewer edges than this has no say. */
const LEAST_EDGES = 6;
/** A place with fewer blocks that have a say is a blank wall: nobody can tell whether the camera moved. */
const LEAST_VOTERS = 6;
/** Cosine between the edges of a block now and then above which the block still shows the same place. */
const BLOCK_FITS = 0.5;

/** What the place looked like when nobody was in the way. */
export interface SceneReference {
  readonly grey: Uint8Array;
  readonly detail: Float32Array;
  readonly bright: number;
  /** 1 where an edge of the place lies that people and light do not move. */
  readonly edges: Uint8Array;
}

/** Luma differences over two cells; 0 along the border. */
export interface Gradient {
  readonly x: Int16Array;
  readonly y: Int16Array;
}

/** Learn a place from samples that were taken over some minutes; at least one. */
export function learnReference(samples: readonly SceneSample[]): SceneReference {
  const pictures = samples.map(({ grey }) => grey);
  const middle = medianPicture(pictures);
  const spread = spreadAround(middle, pictures);
  const slope = gradientOf(middle);
  const edges = Uint8Array.from(middle, (_, cell) => {
    const size = Math.hypot(slope.x[cell] ?? 0, slope.y[cell] ?? 0);
    return size >= LEAST_EDGE && size >= STEADY_FACTOR * (spread[cell] ?? 0) ? 1 : 0;
  });
  const detail = Float32Array.from({ length: BLOCKS }, (_, block) =>
    median(samples.map((sample) => sample.detail[block] ?? 0)),
  );
  return { grey: middle, detail, bright: median(samples.map(({ bright }) => bright)), edges };
}

export function gradientOf(grey: Uint8Array): Gradient {
  const gradient = { x: new Int16Array(CELLS), y: new Int16Array(CELLS) };
  for (let row = 1; row < ROWS - 1; row++) {
    for (let cell = row * COLUMNS + 1; cell < (row + 1) * COLUMNS - 1; cell++) {
      gradient.x[cell] = (grey[cell + 1] as number) - (grey[cell - 1] as number);
      gradient.y[cell] = (grey[cell + COLUMNS] as number) - (grey[cell - COLUMNS] as number);
    }
  }
  return gradient;
}

/**
 * Share of the blocks with edges whose edges still lie where they lay, whatever the light does to their strength.
 * @returns undefined for a place with too few edges to tell
 */
export function fitShare(now: Gradient, then: Gradient, edges: Uint8Array): number | undefined {
  const zeros = () => new Float64Array(BLOCKS);
  const [both, own, old, count] = [zeros(), zeros(), zeros(), zeros()];
  const add = (sums: Float64Array, block: number, value: number) =>
    (sums[block] = (sums[block] ?? 0) + value);
  for (let cell = 0; cell < CELLS; cell++) {
    if (edges[cell] === 0) continue;
    const [x, y] = [now.x[cell] as number, now.y[cell] as number];
    const [oldX, oldY] = [then.x[cell] as number, then.y[cell] as number];
    const block = blockOf(cell);
    add(both, block, x * oldX + y * oldY);
    add(own, block, x * x + y * y);
    add(old, block, oldX * oldX + oldY * oldY);
    add(count, block, 1);
  }
  let voters = 0;
  let fitting = 0;
  for (let block = 0; block < BLOCKS; block++) {
    if ((count[block] ?? 0) < LEAST_EDGES) continue;
    voters += 1;
    const size = Math.sqrt((own[block] ?? 0) * (old[block] ?? 0));
    if (size > 0 && (both[block] ?? 0) / size > BLOCK_FITS) fitting += 1;
  }
  return voters < LEAST_VOTERS ? undefined : fitting / voters;
}

/** How well the reference's edges fit the picture when that is moved by whole cells: cosine, -1 to 1. */
export function shiftedFit(
  now: Gradient,
  reference: { readonly gradient: Gradient; readonly edges: Uint8Array },
  shift: { readonly x: number; readonly y: number },
): number {
  const { gradient, edges } = reference;
  let [both, own, old] = [0, 0, 0];
  for (let row = Math.max(0, -shift.y); row < Math.min(ROWS, ROWS - shift.y); row++) {
    const last = row * COLUMNS + Math.min(COLUMNS, COLUMNS - shift.x);
    for (let cell = row * COLUMNS + Math.max(0, -shift.x); cell < last; cell++) {
      if (edges[cell] === 0) continue;
      const moved = cell + shift.y * COLUMNS + shift.x;
      const [x, y] = [now.x[moved] as number, now.y[moved] as number];
      const [oldX, oldY] = [gradient.x[cell] as number, gradient.y[cell] as number];
      both += x * oldX + y * oldY;
      own += x * x + y * y;
      old += oldX * oldX + oldY * oldY;
    }
  }
  const size = Math.sqrt(own * old);
  return size === 0 ? 0 : both / size;
}

/** Mean squared luma differences of each block's cells: its coarse structure. */
export function structureOf({ x, y }: Gradient): Float32Array {
  const structure = new Float32Array(BLOCKS);
  for (let cell = 0; cell < CELLS; cell++) {
    const block = blockOf(cell);
    const energy = (x[cell] as number) ** 2 + (y[cell] as number) ** 2;
    structure[block] = (structure[block] as number) + energy / (BLOCK * BLOCK);
  }
  return structure;
}
