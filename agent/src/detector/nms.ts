import { iou, type Box } from '@headcount/shared';

/** Boxes that overlap more than this are one person; the usual choice of the NanoDet and YOLO families. */
const OVERLAP = 0.5;
/** Most people in one frame: bounds the quadratic work when a model goes mad. */
const MAX_DETECTIONS = 300;

/** Anything with a box and a score, 0 to 1. */
export interface Scored {
  readonly box: Box;
  readonly score: number;
}

/** Best score first, without overlapping and empty boxes (greedy non-maximum suppression), at most 300. */
export function suppressOverlaps<T extends Scored>(candidates: readonly T[]): T[] {
  const sorted = candidates.filter(({ box }) => box.w > 0 && box.h > 0).sort((a, b) => b.score - a.score);
  const kept: T[] = [];
  for (const candidate of sorted) {
    if (kept.length === MAX_DETECTIONS) break;
    if (!kept.some(({ box }) => iou(box, candidate.box) > OVERLAP)) kept.push(candidate);
  }
  return kept;
}
