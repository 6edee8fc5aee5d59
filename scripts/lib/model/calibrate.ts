import { readFrames } from './clip-frames.js';
import { OnnxModel } from './onnx-model.js';
import { tensorsToCalibrate, type Range } from './quantize.js';
import { RunningModel } from './run-model.js';

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
    const ranges = new Map<string, Range>();
    for (const frame of chosen.frames) {
      for (const [name, values] of await running.run(frame)) widen(ranges, name, values);
      for (const name of model.inputs) widen(ranges, name, running.lastInput);
    }
    return ranges;
  } finally {
    await running.close();
  }
}

function widen(ranges: Map<string, Range>, name: string, values: Float32Array): void {
  let { min, max } = ranges.get(name) ?? { min: 0, max: 0 };
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  ranges.set(name, { min, max });
}
