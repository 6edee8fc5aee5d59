import { assign } from '../../tracker/assignment.js';
import { similarityAt, type ScoredFrame } from './scored-frame.js';
import { addTo, trackTable, zeros, type TrackTable } from './track-pairs.js';

/** Higher order tracking accuracy: shares from 0 to 1, null when there is neither a true nor a found box. */
export interface HotaScore {
  /** Geometric mean of detection and association, averaged over the localisation thresholds. */
  readonly hota: number | null;
  /** Detection accuracy: TP / (TP + FN + FP). */
  readonly detA: number | null;
  /** Association accuracy: how much of both tracks every matched pair shares, averaged over the pairs. */
  readonly assA: number | null;
}

/** Localisation thresholds of the paper's equation 17. */
const ALPHAS = Array.from({ length: 19 }, (_, index) => (index + 1) * 0.05);
/** Similarities that equal a threshold count as above it, whatever the last bit says. */
const EPSILON = 1e-9;

/** A matched pair as numbers of tracks. */
interface TrackPair {
  readonly row: number;
  readonly column: number;
  readonly similarity: number;
}

/**
 * HOTA (Luiten et al.: HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking, IJCV 2021): for every alpha,
 * HOTA = sqrt(DetA * AssA) with AssA the mean over true positives of TPA / (TPA + FNA + FPA); then the mean over alpha.
 * Pairs are matched as in the authors' TrackEval: per frame, by similarity times how well the two tracks agree overall.
 */
export function hotaScore(frames: readonly ScoredFrame[]): HotaScore {
  const tracks = trackTable(frames);
  if (tracks.truthLengths.length + tracks.foundLengths.length === 0)
    return { hota: null, detA: null, assA: null };
  const agreement = agreementOf(frames, tracks);
  const pairs = frames.flatMap((frame) => matchFrame(frame, tracks, agreement));
  const scores = ALPHAS.map((alpha) =>
    scoreAt(
      pairs.filter(({ similarity }) => similarity >= alpha - EPSILON),
      tracks,
    ),
  );
  const mean = (value: (score: { detA: number; assA: number }) => number) =>
    scores.reduce((sum, score) => sum + value(score), 0) / scores.length;
  return {
    hota: mean(({ detA, assA }) => Math.sqrt(detA * assA)),
    detA: mean(({ detA }) => detA),
    assA: mean(({ assA }) => assA),
  };
}

/** For each pair of tracks, 0 to 1: shared similarity over the union of their lengths. */
function agreementOf(frames: readonly ScoredFrame[], tracks: TrackTable): number[][] {
  const shared = zeros(tracks);
  for (const frame of frames) {
    const rowSums = frame.similarity.map((row) => row.reduce((sum, value) => sum + value, 0));
    const columnSums = frame.found.map((_, column) =>
      frame.truth.reduce((sum, __, row) => sum + similarityAt(frame, row, column), 0),
    );
    frame.truth.forEach((truth, row) =>
      frame.found.forEach((found, column) => {
        const similarity = similarityAt(frame, row, column);
        const all = (rowSums[row] ?? 0) + (columnSums[column] ?? 0) - similarity;
        if (all > 0) addTo(shared, tracks.rowOf(truth), tracks.columnOf(found), similarity / all);
      }),
    );
  }
  return shared.map((cells, row) =>
    cells.map((amount, column) => amount / (unionOf(tracks, row, column) - amount)),
  );
}

/** Frames of both tracks together, those that they share counted twice. */
function unionOf(tracks: TrackTable, row: number, column: number): number {
  return (tracks.truthLengths[row] ?? 0) + (tracks.foundLengths[column] ?? 0);
}

function matchFrame(
  frame: ScoredFrame,
  tracks: TrackTable,
  agreement: readonly (readonly number[])[],
): TrackPair[] {
  const rows = frame.truth.map((id) => tracks.rowOf(id));
  const columns = frame.found.map((id) => tracks.columnOf(id));
  const cost = rows.map((row, position) =>
    columns.map(
      (column, other) => 1 - (agreement[row]?.[column] ?? 0) * similarityAt(frame, position, other),
    ),
  );
  return assign(cost).flatMap((other, position) => {
    const row = rows[position];
    const column = columns[other];
    if (row === undefined || column === undefined) return [];
    return [{ row, column, similarity: similarityAt(frame, position, other) }];
  });
}

function scoreAt(pairs: readonly TrackPair[], tracks: TrackTable): { detA: number; assA: number } {
  const together = zeros(tracks);
  for (const { row, column } of pairs) addTo(together, row, column, 1);
  const truth = tracks.truthLengths.reduce((sum, length) => sum + length, 0);
  const found = tracks.foundLengths.reduce((sum, length) => sum + length, 0);
  const association = pairs.reduce((sum, { row, column }) => {
    const shared = together[row]?.[column] ?? 0;
    return sum + shared / (unionOf(tracks, row, column) - shared);
  }, 0);
  return {
    detA: pairs.length / (truth + found - pairs.length),
    assA: pairs.length === 0 ? 0 : association / pairs.length,
  };
}
