import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Box } from '@headcount/shared';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import { readFrames, type ModelFrame } from '../../scripts/lib/model/clip-frames.js';
import { OnnxModel } from '../../scripts/lib/model/onnx-model.js';
import { RunningModel } from '../../scripts/lib/model/run-model.js';
import { readBoxes, type TruthBoxes } from '../src/evaluate/boxes.js';
import { detectionScore } from '../src/evaluate/metrics/detection.js';
import { scoreFrame } from '../src/evaluate/metrics/scored-frame.js';
import { CLIP } from './lib/clips.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MODELS: readonly (readonly [string, string])[] = [
  ['NanoDet fp32', here('../models/person-detector.onnx')],
  ['NanoDet int8', here('../models/person-detector.int8.onnx')],
  ['YOLOX-nano fp32', here('../../../shared/models/yolox_nano.onnx')],
];
const TRUTH = here('../../../shared/truth/vtest-boxes.csv');
const OPENCV = here('../../scripts/opencv-people.py');
const THRESHOLD = 0.5;
/** Frames that are measured where there is no truth. */
const WITHOUT_TRUTH = Array.from({ length: 40 }, (_, index) => 170 + index * 10);

/**
 * Detectors on the same frames of the demo clip, one thread each: ours in onnxruntime as the agent runs them, and OpenCV's
 * (its HOG people detector, and its dnn module with YOLOX-nano). Recall and precision where the truth is at hand.
 */
export async function run(): Promise<BenchRow[]> {
  const truth = existsSync(TRUTH) ? readBoxes(readFileSync(TRUTH, 'utf8')).boxes : undefined;
  const numbers = truth === undefined ? WITHOUT_TRUTH : [...truth.keys()];
  const rows: BenchRow[] = [];
  for (const [name, file] of MODELS) {
    if (existsSync(file)) rows.push(...(await ours(name, file, { numbers, truth })));
    else rows.push({ name, value: 'not there' });
  }
  for (const [name, model] of [
    ['OpenCV HOG', 'hog'],
    ['OpenCV dnn, YOLOX-nano', here('../../../shared/models/yolox_nano.onnx')],
  ] as const) {
    if (model === 'hog' || existsSync(model)) rows.push(theirs(name, model, { numbers, truth }));
    else rows.push({ name, value: 'not there' });
  }
  return rows;
}

interface Frames {
  readonly numbers: readonly number[];
  readonly truth: TruthBoxes | undefined;
}

async function ours(name: string, file: string, frames: Frames): Promise<BenchRow[]> {
  const bytes = readFileSync(file);
  const model = await RunningModel.open(bytes, new OnnxModel(bytes).metadata);
  const wanted = new Set(frames.numbers);
  const pictures = await readFrames(CLIP, model.session.known.input, (number) => wanted.has(number));
  const times: number[] = [];
  const found = new Map<number, Box[]>();
  const look = async (picture: ModelFrame) => {
    const started = performance.now();
    const boxes = await model.detect(picture, THRESHOLD);
    times.push(performance.now() - started);
    found.set(picture.number, boxes);
  };
  for (const picture of pictures) await look(picture);
  await model.close();
  return [{ name, value: describe(median(times), found, frames.truth) }];
}

function theirs(name: string, model: string, { numbers, truth }: Frames): BenchRow {
  const output = execFileSync('/usr/bin/python3', [OPENCV, CLIP, model, ...numbers.map(String)], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const { ms, boxes } = JSON.parse(output) as { ms: number; boxes: Record<string, number[][]> };
  const found = new Map(
    Object.entries(boxes).map(([number, list]) => [
      Number(number),
      list.map(([x = 0, y = 0, w = 0, h = 0]): Box => ({ x, y, w, h })),
    ]),
  );
  return { name, value: describe(ms, found, truth) };
}

function describe(
  ms: number,
  found: ReadonlyMap<number, readonly Box[]>,
  truth: TruthBoxes | undefined,
): string {
  const speed = `${ms.toFixed(1)} ms a frame`;
  if (truth === undefined) return `${speed}; no truth at hand, recall and precision not measured`;
  const scored = [...truth].map(([number, people]) =>
    scoreFrame(
      people,
      (found.get(number) ?? []).map((box, id) => ({ id, box })),
    ),
  );
  const { recall, precision } = detectionScore(scored);
  const percent = (share: number | null) => (share === null ? '-' : `${(100 * share).toFixed(1)} %`);
  return `${speed}, recall ${percent(recall)}, precision ${percent(precision)}`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
