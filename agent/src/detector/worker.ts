/** The thread that holds the model: finds a picture in shared memory, answers with boxes. */
import { parentPort, workerData } from 'node:worker_threads';
import { ModelSession } from './model-session.js';
import { packedBytes } from './pixels.js';
import type { WorkerAnswer, WorkerSetup } from './worker-messages.js';

/** One image in the model and one that waits: a thread that sleeps between images runs each with cold caches. */
const SLOTS = 2;
const setup = workerData as WorkerSetup;

async function serve(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file runs as a worker thread only');
  const answer = (message: WorkerAnswer) => port.postMessage(message);
  const session = await ModelSession.open(setup);
  const { family, input } = session.known;
  const slots = Array.from({ length: SLOTS }, () => new SharedArrayBuffer(packedBytes(input)));
  const images = slots.map((slot) => new Uint8Array(slot));
  const find = async (slot: number): Promise<WorkerAnswer> => {
    const started = performance.now();
    const candidates = await session.people(images[slot] ?? new Uint8Array(), setup.threshold);
    return { kind: 'candidates', candidates, inferenceMs: performance.now() - started };
  };
  let work = Promise.resolve();
  port.on('message', (slot: number) => {
    // One after the other: the model has one input.
    work = work.then(() =>
      find(slot).then(answer, (error: unknown) => answer({ kind: 'failed', message: String(error) })),
    );
  });
  answer({ kind: 'ready', family: family.name, input, slots });
}

// An error here ends the thread; the main thread reports it with the model's file name.
await serve();
