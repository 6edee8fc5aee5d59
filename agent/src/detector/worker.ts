/** The thread that holds the model: receives a picture in shared memory, answers with boxes. */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { selectDetections } from './nms.js';
import type { WorkerAnswer, WorkerRequest, WorkerSetup } from './worker-messages.js';

const setup = workerData as WorkerSetup;
const INPUT = 'image';

async function open(): Promise<InferenceSession> {
  const session = await InferenceSession.create(setup.model, {
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: setup.threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const [input] = session.inputMetadata;
  const expected = [1, setup.input.height, setup.input.width, 3];
  const fits =
    input?.isTensor === true &&
    input.name === INPUT &&
    input.type === 'uint8' &&
    input.shape.join() === expected.join() &&
    ['boxes', 'scores'].every((name) => session.outputNames.includes(name));
  if (!fits) {
    throw new Error(
      `expected a uint8 input "${INPUT}" of shape ${expected.join('x')} and outputs "boxes" and "scores"; ` +
        'build the model with "npm run model"',
    );
  }
  return session;
}

async function serve(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file runs as a worker thread only');
  const answer = (message: WorkerAnswer) => port.postMessage(message);
  const session = await open();
  const shared = new Uint8Array(setup.pixels);
  // The runtime takes no shared memory, so the picture is copied once more (half a megabyte, well below 0.1 ms).
  const pixels = new Uint8Array(shared.length);
  const image = new Tensor('uint8', pixels, [1, setup.input.height, setup.input.width, 3]);
  port.on('message', ({ id, scale }: WorkerRequest) => {
    const started = performance.now();
    pixels.set(shared);
    session.run({ [INPUT]: image }).then(
      ({ boxes, scores }) => {
        const raw = { boxes: boxes?.data as Float32Array, scores: scores?.data as Float32Array };
        const inferenceMs = performance.now() - started;
        answer({
          kind: 'detections',
          id,
          detections: selectDetections(raw, setup.threshold, scale),
          inferenceMs,
        });
      },
      (error: unknown) => answer({ kind: 'failed', id, message: String(error) }),
    );
  });
  answer({ kind: 'ready' });
}

// An error here ends the thread; the main thread reports it with the model's file name.
await serve();
