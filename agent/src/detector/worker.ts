/** The thread that holds the model: finds a picture in shared memory, answers with boxes. */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { recognise, type TensorInfo } from './families.js';
import { suppressOverlaps } from './nms.js';
import { createConverter, packedBytes } from './pixels.js';
import type { WorkerAnswer, WorkerSetup } from './worker-messages.js';

const setup = workerData as WorkerSetup;

function open(): Promise<InferenceSession> {
  return InferenceSession.create(setup.model, {
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: setup.threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
}

function describe(tensors: InferenceSession['inputMetadata']): TensorInfo[] {
  return tensors.map((tensor) =>
    tensor.isTensor
      ? { name: tensor.name, type: tensor.type, shape: tensor.shape }
      : { name: tensor.name, type: 'no tensor', shape: [] },
  );
}

async function serve(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file runs as a worker thread only');
  const answer = (message: WorkerAnswer) => port.postMessage(message);
  const session = await open();
  const inputs = describe(session.inputMetadata);
  const { family, input } = recognise(
    setup.family,
    setup.declaredFamily,
    inputs,
    describe(session.outputMetadata),
  );
  const { width, height } = input;
  const pixels = new SharedArrayBuffer(packedBytes(input));
  const packed = new Uint8Array(pixels);
  const floats = new Float32Array(width * height * 3);
  const convert = createConverter(family, input);
  const feeds = { [inputs[0]?.name ?? '']: new Tensor('float32', floats, [1, 3, height, width]) };
  const context = { width, height, threshold: setup.threshold, person: setup.person };
  const find = async (): Promise<WorkerAnswer> => {
    const started = performance.now();
    convert(packed, floats);
    const results = await session.run(feeds);
    const outputs = new Map(
      session.outputNames.map((name) => [name, results[name]?.data as Float32Array] as const),
    );
    const candidates = suppressOverlaps(family.decode(outputs, context));
    return { kind: 'candidates', candidates, inferenceMs: performance.now() - started };
  };
  port.on('message', () => {
    find().then(answer, (error: unknown) => answer({ kind: 'failed', message: String(error) }));
  });
  answer({ kind: 'ready', family: family.name, input, pixels });
}

// An error here ends the thread; the main thread reports it with the model's file name.
await serve();
