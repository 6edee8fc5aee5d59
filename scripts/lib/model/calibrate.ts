import { ModelSession } from '../../../agent/src/detector/model-session.js';
import { spreadFrames } from './clip-frames.js';
import { OnnxModel } from './onnx-model.js';
import { tensorsToCalibrate, type Range } from './quantize.js';

/** CPU threads of an inference; the time does not matter here. */
const THREADS = 2;
/** Other frames than the ones that are compared afterwards. */
const PHASE = 0;

/** Run a model over frames spread evenly over a clip and note between which values its tensors lie. */
export async function calibrate(
  source: Uint8Array,
  clip: string,
  frames: number,
): Promise<Map<string, Range>> {
  const model = new OnnxModel(source);
  const names = tensorsToCalibrate(model);
  const inside = names.filter((name) => !model.inputs.includes(name) && !model.outputs.includes(name));
  const { metadata } = model;
  const session = await ModelSession.open({
    model: model.encode(inside),
    metadata,
    threads: THREADS,
    family: 'auto',
  });
  try {
    const ranges = new Map<string, Range>();
    for (const { packed } of await spreadFrames(clip, session.known.input, { count: frames, phase: PHASE })) {
      for (const [name, values] of await session.outputs(packed)) widen(ranges, name, values);
      for (const name of model.inputs) widen(ranges, name, session.floats);
    }
    return ranges;
  } finally {
    await session.close();
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
