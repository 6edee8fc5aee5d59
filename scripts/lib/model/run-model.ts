import type { Box } from '@headcount/shared';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Candidate } from '../../../agent/src/detector/decode.js';
import { recognise, type KnownModel, type TensorInfo } from '../../../agent/src/detector/families.js';
import { suppressOverlaps } from '../../../agent/src/detector/nms.js';
import { personClass } from '../../../agent/src/detector/onnx-metadata.js';
import { createConverter } from '../../../agent/src/detector/pixels.js';
import type { ModelFrame } from './clip-frames.js';

/** A model in this thread, run as the agent's worker runs it, on one CPU thread. */
export class RunningModel {
  readonly known: KnownModel;
  private readonly session: InferenceSession;
  private readonly floats: Float32Array;
  private readonly convert: ReturnType<typeof createConverter>;
  private readonly person: number;

  private constructor(session: InferenceSession, metadata: ReadonlyMap<string, string>) {
    this.session = session;
    const [inputs, outputs] = [describe(session.inputMetadata), describe(session.outputMetadata)];
    this.known = recognise('auto', metadata.get('family'), inputs, outputs);
    const { input, family } = this.known;
    this.floats = new Float32Array(input.width * input.height * 3);
    this.convert = createConverter(family, input);
    this.person = personClass(metadata);
  }

  /** @throws Error when onnxruntime or the agent cannot use the model */
  static async open(bytes: Uint8Array, metadata: ReadonlyMap<string, string>): Promise<RunningModel> {
    const session = await InferenceSession.create(bytes, {
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    return new RunningModel(session, metadata);
  }

  /** All outputs for a frame, by name. */
  async run({ packed }: ModelFrame): Promise<ReadonlyMap<string, Float32Array>> {
    const { width, height } = this.known.input;
    this.convert(packed, this.floats);
    const [name = ''] = this.session.inputNames;
    const results = await this.session.run({
      [name]: new Tensor('float32', this.floats, [1, 3, height, width]),
    });
    return new Map(Object.entries(results).map(([output, tensor]) => [output, tensor.data as Float32Array]));
  }

  /** People at or above a score, in fractions of the picture. */
  async detect(frame: ModelFrame, threshold: number): Promise<Box[]> {
    const { input, family } = this.known;
    const context = { width: input.width, height: input.height, threshold, person: this.person };
    const candidates: Candidate[] = suppressOverlaps(family.decode(await this.run(frame), context));
    const { area } = frame;
    const [scaleX, scaleY] = [area.w / input.width, area.h / input.height];
    return candidates.map(({ box }) => ({
      x: area.x + box.x * scaleX,
      y: area.y + box.y * scaleY,
      w: box.w * scaleX,
      h: box.h * scaleY,
    }));
  }

  /** The floats of the last run's input. */
  get lastInput(): Float32Array {
    return this.floats;
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

function describe(tensors: InferenceSession['inputMetadata']): TensorInfo[] {
  return tensors.map((tensor) => ({
    name: tensor.name,
    type: tensor.isTensor ? tensor.type : 'no tensor',
    shape: tensor.isTensor ? tensor.shape : [],
  }));
}
