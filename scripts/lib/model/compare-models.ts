import { readFileSync } from 'node:fs';
import { readBoxes, type TruthBoxes } from '../../../agent/src/evaluate/boxes.js';
import { detectionScore } from '../../../agent/src/evaluate/metrics/detection.js';
import { scoreFrame, type IdBox } from '../../../agent/src/evaluate/metrics/scored-frame.js';
import { readFrames, spreadFrames, type ModelFrame } from './clip-frames.js';
import { OnnxModel } from './onnx-model.js';
import { RunningModel } from './run-model.js';

const THRESHOLD = 0.5;
/** Runs of each model for the speed, in turn, so that both have the same machine; the median counts. */
const TIMED_RUNS = 60;
/** Frames that are compared when there is no truth. */
const COMPARED_FRAMES = 80;
/** Other frames than the ones that were calibrated on. */
const PHASE = 0.5;

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
  const reference = options.truth ?? 'the float model';
  const open = (bytes: Uint8Array) => RunningModel.open(bytes, new OnnxModel(bytes).metadata);
  const [fp32, int8] = [await open(options.fp32), await open(options.int8)];
  try {
    const { frames, truth } = await referenceOf(options, fp32);
    const rates = await rateOf(frames, [fp32, int8]);
    const score = async (model: RunningModel, fps: number): Promise<ModelFigures> => {
      const found = await detectAll(model, frames);
      const scored = frames.map(({ number }) => scoreFrame(truth.get(number) ?? [], found.get(number) ?? []));
      const { recall, precision, right } = detectionScore(scored);
      // Two models that both find nothing lose nothing against each other, which says nothing.
      if (model === fp32 && right === 0)
        throw new Error(`the model finds nobody of ${reference} in ${options.clip}; take a clip with people`);
      return { fps, recall: recall ?? 0, precision: precision ?? 0 };
    };
    const figures = { fp32: await score(fp32, rates[0] ?? 0), int8: await score(int8, rates[1] ?? 0) };
    return {
      reference,
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
): Promise<{ frames: ModelFrame[]; truth: TruthBoxes }> {
  const { input } = fp32.session.known;
  if (truth === undefined) {
    const frames = await spreadFrames(clip, input, { count: COMPARED_FRAMES, phase: PHASE });
    return { frames, truth: await detectAll(fp32, frames) };
  }
  const { boxes, problems } = readBoxes(readFileSync(truth, 'utf8'));
  if (problems.length > 0) throw new Error(`${truth}: ${problems.join('; ')}`);
  return { frames: await readFrames(clip, input, (number) => boxes.has(number)), truth: boxes };
}

async function detectAll(model: RunningModel, frames: readonly ModelFrame[]): Promise<TruthBoxes> {
  const found = new Map<number, IdBox[]>();
  for (const frame of frames) {
    const boxes = await model.detect(frame, THRESHOLD);
    found.set(
      frame.number,
      boxes.map((box, id) => ({ id, box })),
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
      await model.session.outputs(frame.packed);
      times[index]?.push(performance.now() - started);
    }
  }
  return times.map((list) => 1000 / (list.sort((a, b) => a - b)[Math.floor(TIMED_RUNS / 2)] ?? 1));
}
