import type { Box } from '@headcount/shared';

/** A person as the model says it, in pixels of the model's input. */
export interface Candidate {
  readonly box: Box;
  /** 0 to 1. */
  readonly score: number;
}

/** What decoding needs to know beside the tensors. */
export interface DecodeContext {
  /** Size of the model's input in pixels. */
  readonly width: number;
  readonly height: number;
  /** Least score of a candidate, 0 to 1. */
  readonly threshold: number;
  /** Index of the class "person". */
  readonly person: number;
}

/** Turn a model's output tensors into candidates. */
export type Decode = (outputs: ReadonlyMap<string, Float32Array>, context: DecodeContext) => Candidate[];

/** Pixels from cell to cell of the three grids of YOLOX and YOLOv8. */
const STRIDES = [8, 16, 32] as const;

/** Our own export decodes in the graph: `boxes` all x1, then all y1, x2, y2; `scores` one per box. */
export function decodeNanodet(
  outputs: ReadonlyMap<string, Float32Array>,
  { threshold }: DecodeContext,
): Candidate[] {
  const boxes = outputs.get('boxes') ?? new Float32Array();
  const scores = outputs.get('scores') ?? new Float32Array();
  const cells = scores.length;
  const at = (row: number, cell: number) => boxes[row * cells + cell] ?? 0;
  const found: Candidate[] = [];
  scores.forEach((score, cell) => {
    if (score < threshold) return;
    const x = at(0, cell);
    const y = at(1, cell);
    found.push({ box: { x, y, w: at(2, cell) - x, h: at(3, cell) - y }, score });
  });
  return found;
}

/**
 * YOLOX (Ge et al. 2021): per cell cx, cy (relative to the cell), log w, log h in strides, objectness, class scores.
 * The score is objectness times class score.
 */
export function decodeYolox(
  outputs: ReadonlyMap<string, Float32Array>,
  { width, height, threshold, person }: DecodeContext,
): Candidate[] {
  const [output = new Float32Array()] = outputs.values();
  const values = output.length / cellCount(width, height);
  const found: Candidate[] = [];
  let cell = 0;
  for (const stride of STRIDES) {
    const columns = Math.ceil(width / stride);
    const cells = columns * Math.ceil(height / stride);
    for (let index = 0; index < cells; index++, cell++) {
      const at = cell * values;
      const score = (output[at + 4] ?? 0) * (output[at + 5 + person] ?? 0);
      if (score < threshold) continue;
      const w = Math.exp(output[at + 2] ?? 0) * stride;
      const h = Math.exp(output[at + 3] ?? 0) * stride;
      const x = ((output[at] ?? 0) + (index % columns)) * stride - w / 2;
      const y = ((output[at + 1] ?? 0) + Math.floor(index / columns)) * stride - h / 2;
      found.push({ box: { x, y, w, h }, score });
    }
  }
  return found;
}

/** YOLOv8 and YOLO11: rows cx, cy, w, h in input pixels, then one row of scores per class; one column per cell. */
export function decodeYolov8(
  outputs: ReadonlyMap<string, Float32Array>,
  { width, height, threshold, person }: DecodeContext,
): Candidate[] {
  const [output = new Float32Array()] = outputs.values();
  const cells = cellCount(width, height);
  const at = (row: number, cell: number) => output[row * cells + cell] ?? 0;
  const found: Candidate[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const score = at(4 + person, cell);
    if (score < threshold) continue;
    const w = at(2, cell);
    const h = at(3, cell);
    found.push({ box: { x: at(0, cell) - w / 2, y: at(1, cell) - h / 2, w, h }, score });
  }
  return found;
}

/** Cells of the three grids together. */
export function cellCount(width: number, height: number): number {
  return STRIDES.reduce((sum, stride) => sum + Math.ceil(width / stride) * Math.ceil(height / stride), 0);
}
