import { assign } from '../../tracker/assignment.js';
import { LEAST_IOU, similarityAt, type ScoredFrame } from './scored-frame.js';
import { addTo, trackTable, zeros } from './track-pairs.js';

/** How long people keep one identity. Shares from 0 to 1; null where nothing can be divided. */
export interface IdentityScore {
  /** 2 IDTP / (true boxes + found boxes). */
  readonly idf1: number | null;
  /** IDTP / found boxes. */
  readonly idp: number | null;
  /** IDTP / true boxes. */
  readonly idr: number | null;
  /** Boxes that carry the identity which fits their person best over all frames. */
  readonly idtp: number;
}

/**
 * Identity measures (Ristani et al.: Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking, ECCV
 * 2016 workshops, section 2.3): one found track is assigned to each true one over the whole clip so that the fewest
 * frames are wrong. The paper's cost counts a pair's frames without overlap on both sides; since both tracks' lengths
 * are fixed, that is least where the frames with overlap (IDTP) are most, which is what is solved here.
 */
export function identityScore(frames: readonly ScoredFrame[], least = LEAST_IOU): IdentityScore {
  const tracks = trackTable(frames);
  const together = zeros(tracks);
  for (const frame of frames) {
    frame.truth.forEach((truth, row) =>
      frame.found.forEach((found, column) => {
        if (similarityAt(frame, row, column) >= least)
          addTo(together, tracks.rowOf(truth), tracks.columnOf(found), 1);
      }),
    );
  }
  // Shares of all frames, because the assignment wants costs far below its own limit.
  const cost = together.map((row) => row.map((count) => 1 - count / frames.length));
  const idtp = assign(cost).reduce((sum, column, row) => sum + (together[row]?.[column] ?? 0), 0);
  const truth = tracks.truthLengths.reduce((sum, length) => sum + length, 0);
  const found = tracks.foundLengths.reduce((sum, length) => sum + length, 0);
  return {
    idf1: truth + found === 0 ? null : (2 * idtp) / (truth + found),
    idp: found === 0 ? null : idtp / found,
    idr: truth === 0 ? null : idtp / truth,
    idtp,
  };
}
