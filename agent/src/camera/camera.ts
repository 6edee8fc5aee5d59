import type { CameraCause, CameraState } from '@headcount/shared';
import type { Logger } from 'pino';
import { failureCause, looksWell, type FailureCause, type Knock } from './diagnosis.js';
import type { Frame, FrameSource, SourceEnd, StreamInfo } from './frame.js';
import { FrozenPicture } from './frozen-picture.js';
import { Recovery } from './recovery.js';
import type { SpawnBudget } from './spawn-budget.js';
import { StreamConditions } from './stream-conditions.js';
import { SweepGuard } from './sweep-guard.js';
import { nextState, type CameraEvent } from './transitions.js';

/** No frame for so long while the decoder lives: a stall (ms). */
const STALL_MS = 3000;
const CHECK_MS = 500;
/** A stream that ran for so long was healthy: the next failure starts the ladder anew (ms). */
const HEALTHY_MS = 30_000;
/** A source that neither sends a frame nor ends for so long has got stuck: its own deadlines are shorter (ms). */
const ATTEMPT_MS = 60_000;
/** On a machine that is busier than this (share), a first frame may take so long (ms): a restart would only add load. */
const BUSY = 0.9;
const BUSY_START_MS = 30_000;

/** A change of a camera's state. */
export interface CameraEdge {
  readonly state: CameraState;
  readonly cause: CameraCause;
  /** The decoder's last words, or what a knock found, without credentials; empty while the camera works. */
  readonly detail: string;
}

/** What a camera needs. */
export interface CameraOptions {
  readonly id: string;
  readonly enabled: boolean;
  readonly hasCredentials: boolean;
  readonly openSource: () => FrameSource;
  /** Looks at the camera without a decoder; undefined for files. */
  readonly knock: ((signal: AbortSignal) => Promise<Knock>) | undefined;
  /** Shared by all cameras of the gateway. */
  readonly budget: SpawnBudget;
  /** Frames counted as a share of the configured rate; undefined while nobody knows. */
  readonly frameShare: () => number | undefined;
  /** Share of all CPUs that is busy; undefined while nobody knows. */
  readonly cpuBusy: () => number | undefined;
  readonly onFrame: (frame: Frame) => void;
  readonly onState: (edge: CameraEdge) => void;
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Keeps one camera connected: opens a source, watches it, says what is wrong, and opens the next one. */
export class Camera {
  private readonly options: CameraOptions;
  private readonly recovery: Recovery;
  private readonly conditions = new StreamConditions();
  private readonly frozenPicture = new FrozenPicture();
  private readonly guard = new SweepGuard(CHECK_MS);
  private current: CameraEdge = { state: 'disabled', cause: 'configured-off', detail: '' };
  private source: FrameSource | undefined;
  private lastStream: StreamInfo | undefined;
  /** Counts sources, so that a late callback of an old one is ignored. */
  private generation = 0;
  private frozen = false;
  private everStreamed = false;
  private frames = 0;
  private failure: Omit<Parameters<typeof failureCause>[0], 'knock' | 'clockStepped'> | undefined;
  private lastFrameAt = 0;
  /** Ages before this time prove nothing. */
  private excusedAt = -Infinity;
  private attemptedAt = 0;
  private streamingSince = 0;
  private skippedBefore = 0;
  private watch: NodeJS.Timeout | undefined;
  private stopping: Promise<void> | undefined;
  /** Decoders started so far. */
  starts = 0;

  constructor(options: CameraOptions) {
    this.options = options;
    this.recovery = new Recovery({
      ...options,
      onKnock: (knock) => this.diagnose(knock),
      onGo: () => this.connect(),
    });
  }

  start(): void {
    if (this.watch !== undefined) return;
    if (!this.options.enabled) {
      this.options.onState(this.current);
      return;
    }
    this.watch = setInterval(() => this.sweep(), CHECK_MS);
    this.attemptedAt = this.options.monotonic();
    this.apply({ kind: 'start' });
    this.recovery.start();
  }

  /** End the stream; no frame and no edge comes afterwards. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  get edge(): CameraEdge {
    return this.current;
  }

  /** Monotonic ms of the next attempt that is made even if nothing is heard of the camera; null unless it is away. */
  get retryAt(): number | null {
    return this.current.state === 'backoff' ? this.recovery.retryAt : null;
  }

  /** What the stream says of itself, or last said; undefined until it has. */
  get stream(): StreamInfo | undefined {
    return this.source?.stream ?? this.lastStream;
  }

  /** True while frames come, an attempt is young or the next one is planned: nobody else would ever connect it again. */
  get moves(): boolean {
    const now = this.options.monotonic();
    const { state } = this.current;
    if (state === 'disabled' || this.stopping !== undefined) return true;
    if (this.source === undefined) return now < this.recovery.dueBy + ATTEMPT_MS;
    return now - Math.max(this.lastFrameAt, this.attemptedAt) < ATTEMPT_MS;
  }

  /** Frames that the decoder had to drop because the pipeline was busy. */
  get skipped(): number {
    return this.skippedBefore + (this.source?.skipped ?? 0);
  }

  /** The wall clock stepped: say so for a while, and judge nobody by what happened around it. */
  clockStepped(): void {
    this.conditions.clockStepped(this.options.monotonic());
    this.excuse();
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.watch);
    this.recovery.cancel();
    this.generation += 1;
    await this.source?.stop();
  }

  private connect(): void {
    this.apply({ kind: 'retry' });
    const generation = ++this.generation;
    this.attemptedAt = this.options.monotonic();
    this.frames = 0;
    this.frozen = false;
    this.frozenPicture.reset();
    this.conditions.reset();
    this.starts += 1;
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
    this.frames += 1;
    this.everStreamed = true;
    this.frozen = this.frozenPicture.see(frame.picture, frame.at);
    if (!this.frozen && this.current.cause === 'frozen') this.judge();
    if (this.apply({ kind: 'frame' })) this.streamingSince = frame.at;
    // Nobody can be counted on a picture that stands still.
    if (this.current.state === 'streaming') this.options.onFrame(frame);
    else frame.release();
  }

  private ended(source: FrameSource, { cause: decoder, detail }: SourceEnd): void {
    const { monotonic, hasCredentials, logger, id } = this.options;
    const healthy = this.current.state === 'streaming' && monotonic() - this.streamingSince >= HEALTHY_MS;
    this.skippedBefore += source.skipped;
    this.lastStream = source.stream ?? this.lastStream;
    this.source = undefined;
    const { frames, everStreamed } = this;
    this.failure = { decoder, hasCredentials, frames, everStreamed, decodeErrors: source.decodeErrors };
    this.recovery.lost(healthy);
    const cause = this.cause(undefined) ?? decoder;
    this.apply({ kind: 'source-ended', cause }, detail);
    logger.warn({ camera: id, cause, detail, retryMs: this.recovery.retryAt - monotonic() }, 'camera lost');
  }

  /** A knock found out more about a camera that is away. */
  private diagnose(knock: Knock): boolean {
    const cause = this.cause(knock);
    if (cause === undefined) return false;
    if (this.apply({ kind: 'diagnosed', cause }, knock.detail))
      this.options.logger.warn({ camera: this.options.id, cause, detail: knock.detail }, 'camera looked at');
    return looksWell(knock) && cause !== 'unauthorized';
  }

  private cause(knock: Knock | undefined): FailureCause | undefined {
    if (this.failure === undefined) return undefined;
    const clockStepped = this.conditions.afterClockStep(this.options.monotonic());
    return failureCause({ ...this.failure, knock, clockStepped });
  }

  private sweep(): void {
    const now = this.options.monotonic();
    if (this.guard.late(now) || this.startsSlowly(now)) this.excuse();
    else if (now - Math.max(this.lastFrameAt, this.excusedAt) <= STALL_MS) this.judge();
    else if (this.apply({ kind: 'no-frame' })) this.frozenPicture.reset();
  }

  private startsSlowly(now: number): boolean {
    const young = this.current.state === 'connecting' && now - this.attemptedAt < BUSY_START_MS;
    return young && (this.options.cpuBusy() ?? 0) >= BUSY;
  }

  private judge(): void {
    const { state } = this.current;
    if (this.source === undefined || state === 'connecting' || state === 'backoff') return;
    const { monotonic, frameShare, cpuBusy, id, logger } = this.options;
    const { frozen } = this;
    const { decodeErrors } = this.source;
    const sight = { now: monotonic(), frozen, decodeErrors, frameShare: frameShare(), cpuBusy: cpuBusy() };
    if (this.apply({ kind: 'condition', cause: this.conditions.judge(sight) }))
      logger.warn({ camera: id, ...this.current, ...sight }, 'camera condition');
  }

  private excuse(): void {
    this.excusedAt = this.options.monotonic();
    this.source?.excuse();
  }

  /** @returns true when the event changed the state or its cause */
  private apply(event: CameraEvent, detail = ''): boolean {
    const next = nextState(this.current, event);
    if (next === undefined) return false;
    this.current = { ...next, detail };
    this.options.onState(this.current);
    return true;
  }
}
