import type { CameraCause, CameraState } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Frame, FrameSource, SourceEnd } from './frame.js';
import { backoffMs, nextState, type CameraEvent } from './transitions.js';

/** No frame for so long while the decoder lives: a stall (ms). */
const STALL_MS = 3000;
const CHECK_MS = 500;
/** A stream that ran for so long was healthy: the next failure starts the ladder anew (ms). */
const HEALTHY_MS = 30_000;
/** A source that neither sends a frame nor ends for so long has got stuck: its own deadlines are shorter (ms). */
const ATTEMPT_MS = 60_000;

/** A change of a camera's state. */
export interface CameraEdge {
  readonly state: CameraState;
  readonly cause: CameraCause;
  /** The decoder's last words on failure, without credentials; empty otherwise. */
  readonly detail: string;
  /** Monotonic ms of the next attempt; null unless backing off. */
  readonly retryAt: number | null;
}

/** What a camera needs. */
export interface CameraOptions {
  readonly id: string;
  readonly enabled: boolean;
  readonly openSource: () => FrameSource;
  readonly onFrame: (frame: Frame) => void;
  readonly onState: (edge: CameraEdge) => void;
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Keeps one camera connected: opens a source, watches it, and opens the next one after a pause. */
export class Camera {
  private readonly options: CameraOptions;
  private current: CameraEdge;
  private source: FrameSource | undefined;
  /** Counts sources, so that a late callback of an old one is ignored. */
  private generation = 0;
  private failures = 0;
  private lastFrameAt = 0;
  private attemptedAt = 0;
  private streamingSince = 0;
  private skippedBefore = 0;
  private retry: NodeJS.Timeout | undefined;
  private watch: NodeJS.Timeout | undefined;
  private stopping: Promise<void> | undefined;

  constructor(options: CameraOptions) {
    this.options = options;
    this.current = { state: 'disabled', cause: 'configured-off', detail: '', retryAt: null };
  }

  start(): void {
    if (this.watch !== undefined) return;
    if (!this.options.enabled) {
      this.options.onState(this.current);
      return;
    }
    this.watch = setInterval(() => this.checkStall(), CHECK_MS);
    this.apply({ kind: 'start' });
    this.connect();
  }

  /** End the stream; no frame and no edge comes afterwards. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  get edge(): CameraEdge {
    return this.current;
  }

  /** True while frames come, an attempt is young or the next one is planned: nobody else would ever connect it again. */
  get moves(): boolean {
    const now = this.options.monotonic();
    const { state, retryAt } = this.current;
    if (state === 'disabled' || this.stopping !== undefined) return true;
    if (retryAt !== null) return now < retryAt + ATTEMPT_MS;
    return now - Math.max(this.lastFrameAt, this.attemptedAt) < ATTEMPT_MS;
  }

  /** Frames that the decoder had to drop because the pipeline was busy. */
  get skipped(): number {
    return this.skippedBefore + (this.source?.skipped ?? 0);
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.watch);
    clearTimeout(this.retry);
    this.generation += 1;
    await this.source?.stop();
  }

  private connect(): void {
    const generation = ++this.generation;
    this.attemptedAt = this.options.monotonic();
    const source = this.options.openSource();
    this.source = source;
    source.start({
      onFrame: (frame) => {
        if (generation === this.generation) this.take(frame);
        else frame.release();
      },
      onEnd: (end) => {
        if (generation === this.generation) this.ended(source, end);
      },
    });
  }

  private take(frame: Frame): void {
    this.lastFrameAt = frame.at;
    if (this.current.state !== 'streaming') {
      this.streamingSince = frame.at;
      this.apply({ kind: 'frame' });
    }
    this.options.onFrame(frame);
  }

  private ended(source: FrameSource, end: SourceEnd): void {
    const now = this.options.monotonic();
    const healthy = this.current.state === 'streaming' && now - this.streamingSince >= HEALTHY_MS;
    this.failures = healthy ? 1 : this.failures + 1;
    this.skippedBefore += source.skipped;
    this.source = undefined;
    const pause = backoffMs(this.failures, this.options.random());
    this.apply({ kind: 'source-ended', cause: end.cause }, end.detail, now + pause);
    this.options.logger.warn(
      { camera: this.options.id, cause: end.cause, detail: end.detail, retryMs: pause },
      'camera lost',
    );
    this.retry = setTimeout(() => {
      this.apply({ kind: 'retry' });
      this.connect();
    }, pause);
  }

  private checkStall(): void {
    if (this.options.monotonic() - this.lastFrameAt > STALL_MS) this.apply({ kind: 'no-frame' });
  }

  private apply(event: CameraEvent, detail = '', retryAt: number | null = null): void {
    const next = nextState(this.current.state, event);
    if (next === undefined) return;
    this.current = { ...next, detail, retryAt };
    this.options.onState(this.current);
  }
}
