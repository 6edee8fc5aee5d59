import { readFrames } from './clip-frames.js';
import { OnnxModel } from './onnx-model.js';
import { tensorsToCalibrate, type Range } from './quantize.js';
import { RunningModel } from './run-model.js';

/**
 * Share of the way from the mean to the largest of the frames' extremes that a range covers. Single outliers of one
 * frame would make the steps coarse for all the others.
 */
const OUTLIER_SHARE = 0.5;

/** Run a model over frames spread evenly over a clip and note between which values its tensors lie. */
export async function calibrate(
  source: Uint8Array,
  clip: string,
  frames: number,
): Promise<Map<string, Range>> {
  const model = new OnnxModel(source);
  const names = tensorsToCalibrate(model);
  const inside = names.filter((name) => !model.inputs.includes(name) && !model.outputs.includes(name));
  const running = await RunningModel.open(model.encode(inside), model.metadata);
  try {
    const { input } = running.known;
    const { count } = await readFrames(clip, input, () => false);
    const step = Math.max(1, Math.floor(count / frames));
    const chosen = await readFrames(clip, input, (number) => number % step === 0);
    const extremes = new Map<string, { mins: number[]; maxs: number[] }>();
    for (const frame of chosen.frames) {
      for (const [name, values] of await running.run(frame)) note(extremes, name, values);
      for (const name of model.inputs) note(extremes, name, running.lastInput);
    }
    return new Map(
      [...extremes].map(([name, { mins, maxs }]) => [
        name,
        { min: -robustMax(mins.map((v) => -v)), max: robustMax(maxs) },
      ]),
    );
  } finally {
    await running.close();
  }
}

function note(
  extremes: Map<string, { mins: number[]; maxs: number[] }>,
  name: string,
  values: Float32Array,
): void {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const known = extremes.get(name) ?? { mins: [], maxs: [] };
  known.mins.push(min);
  known.maxs.push(max);
  extremes.set(name, known);
}

function robustMax(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean + OUTLIER_SHARE * (Math.max(...values) - mean);
}
