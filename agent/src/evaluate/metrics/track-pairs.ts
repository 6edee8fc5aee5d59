import type { ScoredFrame } from './scored-frame.js';

/** The tracks of all frames, numbered from 0, with their lengths in frames. */
export interface TrackTable {
  readonly truthLengths: readonly number[];
  readonly foundLengths: readonly number[];
  /** Row of a true id. */
  readonly rowOf: (id: number) => number;
  /** Column of a found id. */
  readonly columnOf: (id: number) => number;
}

/** Number the tracks and measure how many frames each has. */
export function trackTable(frames: readonly ScoredFrame[]): TrackTable {
  const truth = lengths(frames.flatMap((frame) => frame.truth));
  const found = lengths(frames.flatMap((frame) => frame.found));
  return {
    truthLengths: truth.lengths,
    foundLengths: found.lengths,
    rowOf: truth.positionOf,
    columnOf: found.positionOf,
  };
}

/** A table of zeros with one row per true and one column per found track. */
export function zeros(tracks: TrackTable): number[][] {
  return tracks.truthLengths.map(() => tracks.foundLengths.map(() => 0));
}

/** Add to one cell. */
export function addTo(table: number[][], row: number, column: number, amount: number): void {
  const cells = table[row];
  if (cells !== undefined) cells[column] = (cells[column] ?? 0) + amount;
}

function lengths(ids: readonly number[]): { lengths: number[]; positionOf: (id: number) => number } {
  const positions = new Map<number, number>();
  const counts: number[] = [];
  for (const id of ids) {
    const position = positions.get(id) ?? positions.size;
    positions.set(id, position);
    counts[position] = (counts[position] ?? 0) + 1;
  }
  return {
    lengths: counts,
    positionOf: (id) => {
      const position = positions.get(id);
      if (position === undefined) throw new RangeError(`track ${id} is in none of the frames`);
      return position;
    },
  };
}
