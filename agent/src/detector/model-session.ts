import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelFamily } from '../config/config.js';
import { Converter } from './converter.js';
import type { Candidate } from './decode.js';
import { recognise, type KnownModel, type TensorInfo } from './families.js';
import { suppressOverlaps } from './nms.js';
import { personClass } from './onnx-metadata.js';

/** How a model is opened. */
export interface ModelSessionOptions {
  /** Path of an ONNX file, or its bytes. */
  readonly model: string | Uint8Array;
  /** CPU threads of one inference. */
  readonly threads: number;
  /** What kind of model it is; `auto` finds out. */
  readonly family: ModelFamily | 'auto';
  /** What stands in the file beside the graph. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Options of onnxruntime: everything in the calling thread's turn, on so many CPU threads. */
export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  };
}

/** A model in the calling thread: packed I420 in, people out. */
export class ModelSession {
  readonly known: KnownModel;
  private readonly session: InferenceSession;
  private readonly converter: Converter;
  private readonly feeds: Readonly<Record<string, Tensor>>;
  private readonly person: number;

  private constructor(session: InferenceSession, options: ModelSessionOptions) {
    const { family, metadata } = options;
    const inputs = describe(session.inputMetadata);
    this.session = session;
    this.person = personClass(metadata);
    this.known = recognise(family, metadata.get('family'), inputs, describe(session.outputMetadata));
    const { width, height } = this.known.input;
    this.converter = new Converter(this.known.family, { width, height });
    const { floats } = this.converter;
    this.feeds = { [inputs[0]?.name ?? '']: new Tensor('float32', floats, [1, 3, height, width]) };
  }

  /** @throws Error when onnxruntime cannot read the model, or it is of no family that the agent knows */
  static async open(options: ModelSessionOptions): Promise<ModelSession> {
    const settings = sessionOptions(options.threads);
    const { model } = options;
    const session =
      typeof model === 'string'
        ? await InferenceSession.create(model, settings)
        : await InferenceSession.create(model, settings);
    return new ModelSession(session, options);
  }

  /** What the model saw last: 3 x height x width floats, as its family wants them. */
  get floats(): Float32Array {
    return this.converter.floats;
  }

  /** All outputs for an image, by name. */
  async outputs(packed: Uint8Array): Promise<ReadonlyMap<string, Float32Array>> {
    this.converter.convert(packed);
    const results = await this.session.run(this.feeds);
    return new Map(
      this.session.outputNames.map((name) => [name, results[name]?.data as Float32Array] as const),
    );
  }

  /** People at or above a score (0 to 1), in pixels of the model's input, best first. */
  async people(packed: Uint8Array, threshold: number): Promise<Candidate[]> {
    const { family, input } = this.known;
    const outputs = await this.outputs(packed);
    return suppressOverlaps(family.decode(outputs, { ...input, threshold, person: this.person }));
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

function describe(tensors: InferenceSession['inputMetadata']): TensorInfo[] {
  return tensors.map((tensor) =>
    tensor.isTensor
      ? { name: tensor.name, type: tensor.type, shape: tensor.shape }
      : { name: tensor.name, type: 'no tensor', shape: [] },
  );
}
