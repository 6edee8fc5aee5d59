import { iou, type Box } from '@headcount/shared';
import { assign, FORBIDDEN } from '../../tracker/assignment.js';

/** A box with the id of its person. */
export interface IdBox {
  readonly id: number;
  readonly box: Box;
}

/** What the metrics see of one frame. An id stands at most once in each list. */
export interface ScoredFrame {
  /** Ids of the true people. */
  readonly truth: readonly number[];
  /** Ids of the tracker's people. */
  readonly found: readonly number[];
  /** One row per true person, one column per found one: 0 (nothing in common) to 1 (the same box). */
  readonly similarity: readonly (readonly number[])[];
}

/** A true and a found person of one frame, as positions in its lists. */
export interface Pair {
  readonly row: number;
  readonly column: number;
  /** 0 to 1. */
  readonly similarity: number;
}

/** Two boxes with at least this intersection over union show the same person (PASCAL VOC, MOTChallenge). */
export const LEAST_IOU = 0.5;

/** Compare the boxes of one frame by intersection over union. */
export function scoreFrame(truth: readonly IdBox[], found: readonly IdBox[]): ScoredFrame {
  return {
    truth: truth.map(({ id }) => id),
    found: found.map(({ id }) => id),
    similarity: truth.map(({ box }) => found.map((other) => iou(box, other.box))),
  };
}

/** Similarity of a row and a column, 0 to 1. */
export function similarityAt(frame: ScoredFrame, row: number, column: number): number {
  return frame.similarity[row]?.[column] ?? 0;
}

/**
 * The one-to-one pairs of a frame: as many as possible at or above `least`, and of those the most similar.
 * @param allowed leaves pairs out, for those that are matched already
 */
export function bestPairs(
  frame: ScoredFrame,
  least: number,
  allowed: (row: number, column: number) => boolean = () => true,
): Pair[] {
  const cost = frame.truth.map((_, row) =>
    frame.found.map((__, column) => {
      const similarity = similarityAt(frame, row, column);
      return similarity >= least && allowed(row, column) ? 1 - similarity : FORBIDDEN;
    }),
  );
  return assign(cost)
    .map((column, row) => ({ row, column, similarity: similarityAt(frame, row, column) }))
    .filter(({ column }) => column >= 0);
}
