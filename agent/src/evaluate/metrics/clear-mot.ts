import { bestPairs, LEAST_IOU, similarityAt, type Pair, type ScoredFrame } from './scored-frame.js';

/** CLEAR MOT figures. */
export interface ClearMotScore {
  /** 1 - (misses + false positives + switches) / true boxes: at most 1, below 0 for a bad tracker; null without boxes. */
  readonly mota: number | null;
  /** Mean similarity (IoU) of the matched pairs, 0 to 1, more is better; null without a match. */
  readonly motp: number | null;
  readonly misses: number;
  readonly falsePositives: number;
  /** A person is followed under another id than the last time. */
  readonly idSwitches: number;
  readonly truth: number;
}

/**
 * CLEAR MOT (Bernardin and Stiefelhagen: Evaluating Multiple Object Tracking Performance, EURASIP JIVP 2008, section
 * 2.1.3): pairs of the frame before stay together while they are similar enough, the rest is matched anew, and a true
 * person whose match differs from their last one is a switch. MOTP is given as similarity, as MOTChallenge does; the
 * paper's is the mean distance, 1 minus this.
 */
export function clearMot(frames: readonly ScoredFrame[], least = LEAST_IOU): ClearMotScore {
  const lastFound = new Map<number, number>();
  const sums = { truth: 0, found: 0, matched: 0, idSwitches: 0, similarity: 0 };
  for (const frame of frames) {
    const kept = keptPairs(frame, lastFound, least);
    const rows = new Set(kept.map(({ row }) => row));
    const columns = new Set(kept.map(({ column }) => column));
    const fresh = bestPairs(frame, least, (row, column) => !rows.has(row) && !columns.has(column));
    for (const { row, column, similarity } of [...kept, ...fresh]) {
      const truth = frame.truth[row] ?? 0;
      const found = frame.found[column] ?? 0;
      if (lastFound.has(truth) && lastFound.get(truth) !== found) sums.idSwitches += 1;
      lastFound.set(truth, found);
      sums.matched += 1;
      sums.similarity += similarity;
    }
    sums.truth += frame.truth.length;
    sums.found += frame.found.length;
  }
  const misses = sums.truth - sums.matched;
  const falsePositives = sums.found - sums.matched;
  return {
    mota: sums.truth === 0 ? null : 1 - (misses + falsePositives + sums.idSwitches) / sums.truth,
    motp: sums.matched === 0 ? null : sums.similarity / sums.matched,
    misses,
    falsePositives,
    idSwitches: sums.idSwitches,
    truth: sums.truth,
  };
}

/** True people who are still followed under the id of their last match; nobody is claimed twice. */
function keptPairs(frame: ScoredFrame, lastFound: ReadonlyMap<number, number>, least: number): Pair[] {
  const taken = new Set<number>();
  return frame.truth.flatMap((id, row) => {
    const last = lastFound.get(id);
    const column = last === undefined ? -1 : frame.found.indexOf(last);
    const similarity = similarityAt(frame, row, column);
    if (column < 0 || similarity < least || taken.has(column)) return [];
    taken.add(column);
    return [{ row, column, similarity }];
  });
}
