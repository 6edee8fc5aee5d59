import type { Logger } from 'pino';
import { looksWell, type Knock } from './diagnosis.js';
import type { SpawnBudget, SpawnReason } from './spawn-budget.js';
import { backoffMs } from './transitions.js';

/** Pauses between knocks, least and most (ms): often at first, because most outages are short; then to spare everybody. */
const EARLY_KNOCK_MS = [4000, 6000] as const;
const LATER_KNOCK_MS = [15_000, 20_000] as const;
/** How long after the loss knocks come often (ms). */
const EARLY_MS = 120_000;
/** Attempts after a good stream or a return that do not stand back: a camera that boots refuses the first ones. */
const FRESH_ATTEMPTS = 3;
/**
 * Longest pauses of the ladder (ms): for most faults, and for those that a knock cannot see the end of. A camera whose
 * password is wrong is among the first: many lock out who tries too often.
 */
const LONGEST_PAUSE_MS = 300_000;
const LONGEST_BLIND_PAUSE_MS = 45_000;
/** Longest wait for a start that the budget can cause (ms): sixteen retries, one every 20 s. */
const LONGEST_WAIT_MS = 320_000;

/** What a recovery needs. */
export interface RecoveryOptions {
  /** Looks at the camera without a decoder; undefined for files. */
  readonly knock: ((signal: AbortSignal) => Promise<Knock>) | undefined;
  readonly budget: SpawnBudget;
  /**
   * What a knock found; never called after `cancel`.
   * @returns true when the camera looks well and only a decoder can find out more
   */
  readonly onKnock: (knock: Knock) => boolean;
  /** Start a decoder now. */
  readonly onGo: () => void;
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Decides when a camera that is away is worth a decoder. A ladder of pauses leads to blind attempts; beside it goes a
 * knock, which costs a few packets and ends the waiting as soon as the camera looks well again.
 */
export class Recovery {
  private readonly options: RecoveryOptions;
  private pauseMs = 0;
  private attemptsLeft = 0;
  /** Only a decoder can see whether the camera is mended. */
  private blind = false;
  /** Since when knocks come often. */
  private lostAt = 0;
  private lastKnock: Knock | undefined;
  /** The ladder's pause is over, and the attempt waits for what a knock under way finds. */
  private overdue = false;
  private ladder: NodeJS.Timeout | undefined;
  private nextKnock: NodeJS.Timeout | undefined;
  private knocking: AbortController | undefined;
  private pending: { readonly reason: SpawnReason; readonly cancel: () => void } | undefined;
  /** Monotonic ms of the next blind attempt, and by when something must have happened. */
  retryAt = 0;
  dueBy = 0;

  constructor(options: RecoveryOptions) {
    this.options = options;
  }

  /** The first start of a camera. */
  start(): void {
    this.lostAt = this.options.monotonic();
    this.go('start');
  }

  /** A decoder ended. @param healthy after a stream that was good for a while, so that this loss has no history */
  lost(healthy: boolean): void {
    if (healthy) this.beginAnew();
    if (healthy) this.lastKnock = undefined;
    this.plan();
    this.knockIn(0);
  }

  /** Drop everything that is planned. */
  cancel(): void {
    clearTimeout(this.ladder);
    clearTimeout(this.nextKnock);
    this.knocking?.abort();
    this.knocking = undefined;
    this.overdue = false;
    this.pending?.cancel();
    this.pending = undefined;
  }

  private beginAnew(): void {
    this.pauseMs = 0;
    this.attemptsLeft = FRESH_ATTEMPTS;
    this.lostAt = this.options.monotonic();
  }

  private plan(): void {
    const { monotonic, random } = this.options;
    const longest = this.blind ? LONGEST_BLIND_PAUSE_MS : LONGEST_PAUSE_MS;
    this.pauseMs = backoffMs(this.pauseMs, random(), longest);
    this.retryAt = monotonic() + this.pauseMs;
    this.dueBy = this.retryAt;
    clearTimeout(this.ladder);
    this.ladder = setTimeout(() => this.due(), this.pauseMs);
  }

  private due(): void {
    this.overdue = this.knocking !== undefined;
    if (this.overdue) return;
    // ffmpeg cannot reach what TCP cannot reach; the knock will see it return.
    if (this.lastKnock !== undefined && this.lastKnock.tcp !== 'open') this.plan();
    else this.go(this.attemptsLeft > 0 ? 'urgent' : 'retry');
  }

  private go(reason: SpawnReason): void {
    if (this.pending !== undefined) {
      if (this.pending.reason === reason) return;
      this.pending.cancel();
    }
    this.dueBy = this.options.monotonic() + LONGEST_WAIT_MS;
    const cancel = this.options.budget.request(reason, () => {
      this.cancel();
      if (reason === 'urgent') this.attemptsLeft -= 1;
      this.options.onGo();
    });
    if (cancel !== undefined) this.pending = { reason, cancel };
  }

  private knockIn(ms: number): void {
    if (this.options.knock === undefined) return;
    clearTimeout(this.nextKnock);
    this.nextKnock = setTimeout(() => void this.knock(), ms);
  }

  private async knock(): Promise<void> {
    const { knock, onKnock, logger } = this.options;
    if (knock === undefined || this.knocking !== undefined) return;
    const abort = new AbortController();
    this.knocking = abort;
    try {
      const found = await knock(abort.signal);
      if (abort.signal.aborted) return;
      const before = this.lastKnock;
      this.lastKnock = found;
      this.blind = onKnock(found);
      if (before !== undefined && !looksWell(before) && looksWell(found)) {
        this.beginAnew();
        this.go('urgent');
      }
    } catch (error) {
      if (!abort.signal.aborted) logger.error({ err: error }, 'could not look at a camera');
    }
    if (this.knocking === abort) this.knocking = undefined;
    if (this.overdue) this.due();
    if (!abort.signal.aborted && this.pending?.reason !== 'urgent') this.knockIn(this.knockPause());
  }

  private knockPause(): number {
    const { monotonic, random } = this.options;
    const [least, most] = monotonic() - this.lostAt < EARLY_MS ? EARLY_KNOCK_MS : LATER_KNOCK_MS;
    return least + random() * (most - least);
  }
}
