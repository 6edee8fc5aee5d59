import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Frame, ModelView } from '../camera/frame.js';
import type { ModelFamily } from '../config/config.js';
import type { ModelInput } from '../decoder/layout.js';
import type { Candidate } from './decode.js';
import type { Detection, Detector } from './detector.js';
import { DetectorError } from './errors.js';
import { mergeTiles } from './merge-tiles.js';
import { readMetadata } from './onnx-metadata.js';
import { packImage } from './pixels.js';
import type { WorkerAnswer, WorkerReady, WorkerSetup } from './worker-messages.js';

/** A thread that dies more often than this within a minute stays dead: the model or the machine is broken. */
const MAX_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;

/** Settings of the detector. */
export interface DetectorOptions {
  /** ONNX file. */
  readonly model: string;
  /** What kind of model it is; `auto` finds out. */
  readonly family: ModelFamily | 'auto';
  /** CPU threads of one inference. */
  readonly threads: number;
  /** Least score that is reported, 0 to 1. */
  readonly threshold: number;
  readonly logger: Logger;
}

interface Job {
  readonly view: ModelView;
  readonly resolve: (detections: readonly Detection[]) => void;
  readonly reject: (error: DetectorError) => void;
}

/**
 * Load the model in a worker thread, so that inference never holds up MQTT, HTTP or the decoder pipes.
 * @throws DetectorError when the file is missing or not a model that this program can run
 */
export async function createDetector(options: DetectorOptions): Promise<Detector> {
  const { model, threads, threshold, family } = options;
  const file = await readModel(model);
  const modelHash = createHash('sha256').update(file).digest('hex');
  try {
    const setup = { model, threads, threshold, family, metadata: readMetadata(file) };
    return new OnnxDetector(setup, modelHash, await startWorker(setup), options.logger);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DetectorError(`model ${model} cannot be used: ${message}`, { cause });
  }
}

interface Running {
  readonly worker: Worker;
  readonly ready: WorkerReady;
}

function startWorker(setup: WorkerSetup): Promise<Running> {
  // From 1.29 on, onnxruntime's Linux binaries report to their maker unless this is set before they are loaded. Here,
  // because a worker thread sees only a copy of the environment. No request of ours leaves the gateway unasked.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  // Through the package's own exports, so that the compiled file runs also when a test loads this one as source.
  const entry = createRequire(import.meta.url).resolve('@headcount/agent/detector-worker');
  // No flags of this process: a debugger's or a test runner's are not meant for the compiled worker.
  const worker = new Worker(entry, { workerData: setup, execArgv: [] });
  return new Promise((resolve, reject) => {
    const onExit = (code: number) => reject(new Error(`the thread ended with code ${code}`));
    const onFirst = (answer: WorkerAnswer) => {
      worker.off('error', reject).off('exit', onExit);
      if (answer.kind === 'ready') resolve({ worker, ready: answer });
      else reject(new Error('the thread did not become ready'));
    };
    worker.once('message', onFirst).once('error', reject).once('exit', onExit);
  });
}

class OnnxDetector implements Detector {
  readonly input: ModelInput;
  readonly family: ModelFamily;
  readonly modelHash: string;
  lastInferenceMs: number | undefined;
  private readonly setup: WorkerSetup;
  private readonly logger: Logger;
  /** At most one frame's views per camera: bounded by the number of cameras and tiles. */
  private readonly queue: Job[] = [];
  /** What the worker has, in the order of its answers; at most one job per slot. */
  private readonly running: { readonly job: Job; readonly slot: number }[] = [];
  private worker: Worker | undefined;
  private slots: readonly Uint8Array[] = [];
  private opening: Promise<void> | undefined;
  private restarts: number[] = [];
  private closed = false;
  private onIdle: () => void = () => undefined;

  constructor(setup: WorkerSetup, modelHash: string, running: Running, logger: Logger) {
    this.setup = setup;
    this.modelHash = modelHash;
    this.logger = logger;
    this.input = running.ready.input;
    this.family = running.ready.family;
    this.use(running);
  }

  async detect(frame: Frame): Promise<readonly Detection[]> {
    if (this.closed) throw new DetectorError('the detector is closed');
    if (this.worker === undefined) await this.restart();
    const [only, ...more] = frame.views;
    if (only === undefined) return [];
    if (more.length === 0) return this.look(only);
    const found = await Promise.all(frame.views.map((view) => this.look(view)));
    return mergeTiles(frame.views.map(({ area }, index) => ({ area, detections: found[index] ?? [] })));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.failQueue('the detector is closed');
    // A thread that is ended within an inference takes the whole process with it.
    if (this.running.length > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }

  private look(view: ModelView): Promise<readonly Detection[]> {
    return new Promise((resolve, reject) => {
      this.queue.push({ view, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    const slot = this.slots.findIndex((_, index) => this.running.every((one) => one.slot !== index));
    const pixels = this.slots[slot];
    if (pixels === undefined || this.worker === undefined) return;
    const job = this.queue.shift();
    if (job === undefined) return;
    this.running.push({ job, slot });
    packImage(job.view.image, pixels);
    this.worker.postMessage(slot);
  }

  private use({ worker, ready }: Running): void {
    this.worker = worker;
    this.slots = ready.slots.map((slot) => new Uint8Array(slot));
    worker.on('message', (answer: WorkerAnswer) => this.finish(answer));
    worker.on('error', (cause) => this.gone(worker, cause));
    worker.on('exit', () => this.gone(worker, undefined));
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
      this.logger.warn('starting the model thread again');
    }
    this.opening ??= startWorker(this.setup)
      .then(async (running) => {
        if (this.closed) await running.worker.terminate();
        else this.use(running);
      })
      .finally(() => (this.opening = undefined));
    await this.opening;
  }

  private finish(answer: WorkerAnswer): void {
    const job = this.running.shift()?.job;
    if (answer.kind === 'candidates') {
      this.lastInferenceMs = answer.inferenceMs;
      job?.resolve(place(answer.candidates, job.view, this.input));
    } else {
      const why = answer.kind === 'failed' ? answer.message : 'the thread answered out of turn';
      job?.reject(new DetectorError(`inference failed: ${why}`));
    }
    if (this.running.length + this.queue.length === 0) this.onIdle();
    this.next();
  }

  private gone(worker: Worker, cause: Error | undefined): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.logger.error({ err: cause }, 'the model thread died');
    for (const { job } of this.running.splice(0)) job.reject(new DetectorError('the model thread died'));
    this.failQueue('the model thread died');
    this.onIdle();
  }

  private failQueue(message: string): void {
    for (const job of this.queue) job.reject(new DetectorError(message));
    this.queue.length = 0;
  }
}

/** From pixels of the model's input to pixels of the frame. */
function place(candidates: readonly Candidate[], { area }: ModelView, input: ModelInput): Detection[] {
  const scaleX = area.w / input.width;
  const scaleY = area.h / input.height;
  return candidates.map(({ box, score }) => ({
    box: { x: area.x + box.x * scaleX, y: area.y + box.y * scaleY, w: box.w * scaleX, h: box.h * scaleY },
    score,
  }));
}

async function readModel(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new DetectorError(
      `model ${file} cannot be read; build it with "npm run model" or name another one`,
      { cause },
    );
  }
}
