import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { deviceOf, streamsOf, type DeviceStreams, type FoundDevice } from './answers.js';
import type { DeviceProblem, TypedLogin, WorkerMessage, WorkerTask } from './worker-messages.js';

/** How long cameras have to answer the call (ms); WS-Discovery lets them wait up to half a second before. */
const LISTEN_MS = 3500;
/** Devices that are listed. */
const MAX_DEVICES = 64;
/** Longest wait for one answer of a camera, and for all of them together (ms). */
const ANSWER_MS = 4000;
const STREAMS_MS = 12_000;
/** Heap of the worker (MB): answers of strangers may not take more. */
const WORKER_HEAP_MB = 64;

/** A camera did not tell its streams. `detail` holds no credentials. */
export class DeviceError extends Error {
  override readonly name = 'DeviceError';
  readonly code = 'DEVICE_TOLD_NOTHING';
  readonly problem: DeviceProblem;

  constructor(problem: DeviceProblem, detail: string) {
    super(detail);
    this.problem = problem;
  }
}

/** Call for cameras in every IPv4 network of this machine (WS-Discovery); ends early when the signal aborts. */
export async function findDevices(signal: AbortSignal): Promise<FoundDevice[]> {
  const found = new Map<string, FoundDevice>();
  await inWorker({ kind: 'find', listenMs: LISTEN_MS }, LISTEN_MS + 1000, signal, (message) => {
    if (message.kind !== 'device' || found.size >= MAX_DEVICES) return false;
    const device = deviceOf(message.data, message.from);
    if (device !== undefined && !found.has(device.id)) found.set(device.id, device);
    return false;
  });
  return [...found.values()].sort((one, other) => one.address.localeCompare(other.address));
}

/**
 * Ask a camera for its streams.
 * @param service http:// or https:// address of its ONVIF service
 * @throws DeviceError
 */
export async function readStreams(
  service: string,
  login: TypedLogin | undefined,
  signal: AbortSignal,
): Promise<DeviceStreams> {
  let answer: DeviceStreams | undefined;
  let failure: DeviceError | undefined;
  const task = { kind: 'streams', service, login, answerMs: ANSWER_MS } as const;
  const ended = await inWorker(task, STREAMS_MS, signal, (message) => {
    if (message.kind === 'streams') answer = streamsOf(message.data, login);
    if (message.kind === 'failed') failure = new DeviceError(message.problem, message.detail);
    return true;
  });
  if (answer !== undefined) return answer;
  if (ended === 'late') throw new DeviceError('unreachable', 'the camera did not answer in time');
  throw failure ?? new DeviceError('not-understood', 'the answer of the camera cannot be understood');
}

/**
 * Do a task in a thread that is thrown away afterwards.
 * @param take told every message; true ends the thread
 * @throws the signal's reason
 */
async function inWorker(
  task: WorkerTask,
  limitMs: number,
  signal: AbortSignal,
  take: (message: WorkerMessage) => boolean,
): Promise<'done' | 'late'> {
  signal.throwIfAborted();
  const entry = createRequire(import.meta.url).resolve('@headcount/agent/onvif-worker');
  const worker = new Worker(entry, {
    workerData: task,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const outcome = new Promise<'done' | 'late'>((resolve) => {
    worker.on('message', (message: WorkerMessage) => {
      if (take(message)) resolve('done');
    });
    // Out of memory, or a mistake of ours: the task has no answer then.
    worker.once('error', () => resolve('done')).once('exit', () => resolve('done'));
    limit.addEventListener('abort', () => resolve('late'), { once: true });
  });
  const result = await outcome;
  await worker.terminate();
  signal.throwIfAborted();
  return result;
}
