import { bestPairs, LEAST_IOU, type ScoredFrame } from './scored-frame.js';

/** How well people were found, whoever they are. */
export interface DetectionScore {
  /** True boxes that were found, share of all true boxes: 0 to 1, null when there are none. */
  readonly recall: number | null;
  /** Found boxes that are true, share of all found boxes: 0 to 1, null when there are none. */
  readonly precision: number | null;
  readonly truth: number;
  readonly found: number;
  readonly right: number;
}

/**
 * recall = TP / (TP + FN), precision = TP / (TP + FP), with a one-to-one match per frame at IoU 0.5
 * (Everingham et al.: The PASCAL Visual Object Classes Challenge, IJCV 2010, section 4.2).
 */
export function detectionScore(frames: readonly ScoredFrame[], least = LEAST_IOU): DetectionScore {
  const sum = (count: (frame: ScoredFrame) => number) =>
    frames.reduce((total, frame) => total + count(frame), 0);
  const truth = sum((frame) => frame.truth.length);
  const found = sum((frame) => frame.found.length);
  const right = sum((frame) => bestPairs(frame, least).length);
  return {
    recall: truth === 0 ? null : right / truth,
    precision: found === 0 ? null : right / found,
    truth,
    found,
    right,
  };
}
