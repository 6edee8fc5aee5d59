import { iou } from '@headcount/shared';
import type { Detection } from './detector.js';

/** Boxes that overlap more than this are one person; the usual choice of the NanoDet and YOLO families. */
const OVERLAP = 0.5;
/** Most people in one frame: bounds the quadratic work when a model goes mad. */
const MAX_DETECTIONS = 300;

/** The raw answer of a model: `boxes` holds all x1, then all y1, x2, y2, in input pixels; `scores` one per box. */
export interface RawDetections {
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
}

/**
 * Boxes from the threshold on, best score first, without overlapping ones (greedy non-maximum suppression).
 * @param scale picture pixels per input pixel
 */
export function selectDetections(
  raw: RawDetections,
  threshold: number,
  scale: { readonly x: number; readonly y: number },
): Detection[] {
  const { boxes, scores } = raw;
  const cells = scores.length;
  const candidates: Detection[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const score = scores[cell] ?? 0;
    if (score < threshold) continue;
    const x = (boxes[cell] ?? 0) * scale.x;
    const y = (boxes[cells + cell] ?? 0) * scale.y;
    const w = (boxes[2 * cells + cell] ?? 0) * scale.x - x;
    const h = (boxes[3 * cells + cell] ?? 0) * scale.y - y;
    if (w > 0 && h > 0) candidates.push({ box: { x, y, w, h }, score });
  }
  candidates.sort((a, b) => b.score - a.score);
  const kept: Detection[] = [];
  for (const candidate of candidates) {
    if (kept.length === MAX_DETECTIONS) break;
    if (!kept.some(({ box }) => iou(box, candidate.box) > OVERLAP)) kept.push(candidate);
  }
  return kept;
}
