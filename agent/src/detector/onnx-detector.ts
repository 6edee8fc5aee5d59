import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Frame, ModelInput } from '../camera/frame.js';
import type { Detection, Detector } from './detector.js';
import { DetectorError } from './errors.js';
import type { WorkerAnswer, WorkerRequest, WorkerSetup } from './worker-messages.js';

/** The input of the default model; the worker checks that the file agrees. */
const INPUT: ModelInput = { width: 416, height: 416 };
/** A thread that dies more often than this within a minute stays dead: the model or the machine is broken. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;

/** Settings of the detector. */
export interface DetectorOptions {
  /** ONNX file. */
  readonly model: string;
  /** CPU threads of one inference. */
  readonly threads: number;
  /** Least score that is reported, 0 to 1. */
  readonly threshold: number;
  readonly logger: Logger;
}

interface Job {
  readonly frame: Frame;
  readonly resolve: (detections: readonly Detection[]) => void;
  readonly reject: (error: DetectorError) => void;
}

/**
 * Load the model in a worker thread, so that inference never holds up MQTT, HTTP or the decoder pipes.
 * @throws DetectorError when the file is missing or not a model that this program can run
 */
export async function createDetector(options: DetectorOptions): Promise<Detector> {
  const modelHash = await hashModel(options.model);
  const detector = new OnnxDetector(options, modelHash);
  await detector.open();
  return detector;
}

class OnnxDetector implements Detector {
  readonly input = INPUT;
  readonly modelHash: string;
  lastInferenceMs: number | undefined;
  private readonly options: DetectorOptions;
  private readonly pixels = new SharedArrayBuffer(INPUT.width * INPUT.height * 3);
  private readonly target = new Uint8Array(this.pixels);
  /** At most one job per camera: bounded by the number of cameras. */
  private readonly queue: Job[] = [];
  private current: Job | undefined;
  private worker: Worker | undefined;
  private opening: Promise<void> | undefined;
  private restarts: number[] = [];
  private closed = false;
  private nextId = 1;

  constructor(options: DetectorOptions, modelHash: string) {
    this.options = options;
    this.modelHash = modelHash;
  }

  open(): Promise<void> {
    this.opening ??= this.startWorker().finally(() => (this.opening = undefined));
    return this.opening;
  }

  async detect(frame: Frame): Promise<readonly Detection[]> {
    if (this.closed) throw new DetectorError('the detector is closed');
    if (this.worker === undefined) await this.restart();
    return new Promise((resolve, reject) => {
      this.queue.push({ frame, resolve, reject });
      this.next();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const { worker } = this;
    this.worker = undefined;
    this.failAll('the detector is closed');
    await worker?.terminate();
  }

  private next(): void {
    if (this.current !== undefined || this.worker === undefined) return;
    const job = this.queue.shift();
    if (job === undefined) return;
    this.current = job;
    copyInput(job.frame, this.target);
    const scale = { x: job.frame.width / INPUT.width, y: job.frame.height / INPUT.height };
    this.worker.postMessage({ id: this.nextId++, scale } satisfies WorkerRequest);
  }

  private startWorker(): Promise<void> {
    const { model, threads, threshold } = this.options;
    const setup: WorkerSetup = { model, threads, threshold, input: INPUT, pixels: this.pixels };
    // Through the package's own exports, so that the compiled file runs also when a test loads this one as source.
    const entry = createRequire(import.meta.url).resolve('@headcount/agent/detector-worker');
    // No flags of this process: a debugger's or a test runner's are not meant for the compiled worker.
    const worker = new Worker(entry, { workerData: setup, execArgv: [] });
    return new Promise((resolve, reject) => {
      worker.on('message', (answer: WorkerAnswer) => {
        if (answer.kind === 'ready') {
          this.worker = worker;
          resolve();
        } else this.finish(answer);
      });
      worker.on('error', (cause) => {
        reject(new DetectorError(`model ${model} cannot be used: ${cause.message}`, { cause }));
        this.gone(worker, cause);
      });
      worker.on('exit', (code) => {
        reject(new DetectorError(`the thread of model ${model} ended with code ${code}`));
        this.gone(worker, undefined);
      });
    });
  }

  private async restart(): Promise<void> {
    if (this.opening === undefined) {
      const now = performance.now();
      this.restarts = this.restarts.filter((at) => now - at < RESTART_WINDOW_MS);
      if (this.restarts.length >= MAX_RESTARTS) {
        throw new DetectorError(
          `the model thread died ${MAX_RESTARTS} times within a minute; look at the log before`,
        );
      }
      this.restarts.push(now);
      this.options.logger.warn('starting the model thread again');
    }
    await this.open();
  }

  private finish(answer: Exclude<WorkerAnswer, { kind: 'ready' }>): void {
    const job = this.current;
    this.current = undefined;
    if (answer.kind === 'detections') {
      this.lastInferenceMs = answer.inferenceMs;
      job?.resolve(answer.detections);
    } else {
      job?.reject(new DetectorError(`inference failed: ${answer.message}`));
    }
    this.next();
  }

  private gone(worker: Worker, cause: Error | undefined): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.options.logger.error({ err: cause }, 'the model thread died');
    this.failAll('the model thread died');
  }

  private failAll(message: string): void {
    const jobs = this.current === undefined ? this.queue : [this.current, ...this.queue];
    this.current = undefined;
    for (const job of jobs) job.reject(new DetectorError(message));
    this.queue.length = 0;
  }
}

/** Copy the rows of the frame's model input into shared memory. */
function copyInput({ input }: Frame, target: Uint8Array): void {
  const rowBytes = input.width * 3;
  if (input.stride === rowBytes) {
    target.set(input.data.subarray(0, rowBytes * input.height));
    return;
  }
  for (let row = 0; row < input.height; row++) {
    const start = row * input.stride;
    target.set(input.data.subarray(start, start + rowBytes), row * rowBytes);
  }
}

async function hashModel(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch (cause) {
    throw new DetectorError(
      `model ${file} cannot be read; build it with "npm run model" or name another one`,
      { cause },
    );
  }
}
