import { readFileSync } from 'node:fs';
import { iou, type Box } from '@headcount/shared';
import { readBoxes } from '../../../agent/src/evaluate/boxes.js';
import { detectionScore } from '../../../agent/src/evaluate/metrics/detection.js';
import { readFrames, type ModelFrame } from './clip-frames.js';
import { OnnxModel } from './onnx-model.js';
import { RunningModel } from './run-model.js';

const THRESHOLD = 0.5;
/** Runs of each model for the speed, in turn, so that both have the same machine; the median counts. */
const TIMED_RUNS = 60;
/** Frames that are compared when there is no truth. */
const COMPARED_FRAMES = 80;
/** Boxes are compared in a plane of this size, so that a truth in pixels and detections in fractions meet. */
const PLANE = { width: 768, height: 576 };

/** How one model did; fps on one thread, recall and precision 0 to 1. */
export interface ModelFigures {
  readonly fps: number;
  readonly recall: number;
  readonly precision: number;
}

/** Both models, measured in one run. */
export interface Comparison {
  /** What recall and precision were measured against. */
  readonly reference: string;
  readonly fp32: ModelFigures;
  readonly int8: ModelFigures;
  /** fp32 minus int8. */
  readonly recallLoss: number;
  readonly precisionLoss: number;
}

/** Run a model and its int8 copy over the same frames. */
export async function compareModels(options: {
  clip: string;
  /** CSV of true boxes in pixels of the clip; without it the float model is the reference. */
  truth: string | undefined;
  fp32: Uint8Array;
  int8: Uint8Array;
}): Promise<Comparison> {
  const open = (bytes: Uint8Array) => RunningModel.open(bytes, new OnnxModel(bytes).metadata);
  const [fp32, int8] = [await open(options.fp32), await open(options.int8)];
  try {
    const { frames, truth } = await referenceOf(options, fp32);
    const rates = await rateOf(frames, [fp32, int8]);
    const score = async (model: RunningModel, fps: number): Promise<ModelFigures> => {
      const found = [...(await detectAll(model, frames)).values()];
      const scored = frames.map(({ number }, index) =>
        scoredFrame(truth.get(number) ?? [], found[index] ?? []),
      );
      const { recall, precision } = detectionScore(scored);
      return { fps, recall: recall ?? 0, precision: precision ?? 0 };
    };
    const figures = { fp32: await score(fp32, rates[0] ?? 0), int8: await score(int8, rates[1] ?? 0) };
    return {
      reference: options.truth ?? 'the float model',
      ...figures,
      recallLoss: figures.fp32.recall - figures.int8.recall,
      precisionLoss: figures.fp32.precision - figures.int8.precision,
    };
  } finally {
    await Promise.all([fp32.close(), int8.close()]);
  }
}

async function referenceOf(
  { clip, truth }: { clip: string; truth: string | undefined },
  fp32: RunningModel,
): Promise<{ frames: ModelFrame[]; truth: ReadonlyMap<number, readonly Box[]> }> {
  const { input } = fp32.known;
  if (truth === undefined) {
    const { count } = await readFrames(clip, input, () => false);
    const step = Math.max(1, Math.floor(count / COMPARED_FRAMES));
    // Half a step away from the calibration's frames, so that others are compared than were calibrated on.
    const { frames } = await readFrames(clip, input, (number) => number % step === Math.floor(step / 2));
    return { frames, truth: await detectAll(fp32, frames) };
  }
  const { boxes, problems } = readBoxes(readFileSync(truth, 'utf8'));
  if (problems.length > 0) throw new Error(`${truth}: ${problems.join('; ')}`);
  const { frames } = await readFrames(clip, input, (number) => boxes.has(number));
  return {
    frames,
    truth: new Map([...boxes].map(([number, people]) => [number, people.map(({ box }) => box)])),
  };
}

async function detectAll(model: RunningModel, frames: readonly ModelFrame[]): Promise<Map<number, Box[]>> {
  const found = new Map<number, Box[]>();
  for (const frame of frames) {
    const boxes = await model.detect(frame, THRESHOLD);
    const { width, height } = PLANE;
    found.set(
      frame.number,
      boxes.map(({ x, y, w, h }) => ({ x: x * width, y: y * height, w: w * width, h: h * height })),
    );
  }
  return found;
}

/** Frames per second of each model, from the median time of runs in turn. */
async function rateOf(frames: readonly ModelFrame[], models: readonly RunningModel[]): Promise<number[]> {
  const times = models.map((): number[] => []);
  const [frame] = frames;
  if (frame === undefined) throw new Error('the clip has no frames to compare');
  for (let run = 0; run < TIMED_RUNS; run++) {
    for (const [index, model] of models.entries()) {
      const started = performance.now();
      await model.run(frame);
      times[index]?.push(performance.now() - started);
    }
  }
  return times.map((list) => 1000 / (list.sort((a, b) => a - b)[Math.floor(TIMED_RUNS / 2)] ?? 1));
}

function scoredFrame(truth: readonly Box[], found: readonly Box[]) {
  return {
    truth: truth.map((_, index) => index),
    found: found.map((_, index) => index),
    similarity: truth.map((target) => found.map((box) => iou(target, box))),
  };
}
