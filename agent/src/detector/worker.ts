/** The thread that holds the model: finds a picture in shared memory, answers with boxes. */
import { parentPort, workerData } from 'node:worker_threads';
import { ModelSession } from './model-session.js';
import { packedBytes } from './pixels.js';
import type { WorkerAnswer, WorkerSetup } from './worker-messages.js';

const setup = workerData as WorkerSetup;

async function serve(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file runs as a worker thread only');
  const answer = (message: WorkerAnswer) => port.postMessage(message);
  const session = await ModelSession.open(setup);
  const { family, input } = session.known;
  const pixels = new SharedArrayBuffer(packedBytes(input));
  const packed = new Uint8Array(pixels);
  const find = async (): Promise<WorkerAnswer> => {
    const started = performance.now();
    const candidates = await session.people(packed, setup.threshold);
    return { kind: 'candidates', candidates, inferenceMs: performance.now() - started };
  };
  port.on('message', () => {
    find().then(answer, (error: unknown) => answer({ kind: 'failed', message: String(error) }));
  });
  answer({ kind: 'ready', family: family.name, input, pixels });
}

// An error here ends the thread; the main thread reports it with the model's file name.
await serve();
