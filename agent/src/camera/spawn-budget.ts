/** One decoder for every camera that a gateway may have (configuration), all at once. */
const BURST = 16;
/** A token comes every 10 s: six decoders a minute for the whole gateway. */
const REFILL_MS = 10_000;
/** Blind retries take at most every second token, so that the others are saved for cameras that return. */
const RETRY_SPACING_MS = 2 * REFILL_MS;

/** Decoders start one after the other: sixteen at once on two cores would all miss their deadline for the first frame. */
const SPACING_MS = 500;

/** `start`: the first one, which needs no token, because a person has just configured the camera. `urgent`: the camera streamed a moment ago or was just seen well. `retry`: nobody knows whether it helps. */
export type SpawnReason = 'start' | 'urgent' | 'retry';

interface Request {
  readonly reason: SpawnReason;
  readonly go: () => void;
}

/**
 * How many decoders the gateway may start again: a token bucket that all cameras share, first come first served. Without it,
 * sixteen cameras behind a dead switch keep two cores busy with starting ffmpeg. See docs/adr/0009-supervision.md.
 */
export class SpawnBudget {
  private readonly monotonic: () => number;
  private tokens = BURST;
  private filledAt: number;
  private retriedAt = -Infinity;
  private grantedAt = -Infinity;
  /** At most one request per camera. */
  private queue: Request[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(monotonic: () => number) {
    this.monotonic = monotonic;
    this.filledAt = monotonic();
  }

  /**
   * Ask for one start; `go` is called once it is granted, at once where tokens are left.
   * @returns takes the request back; undefined when it was granted at once
   */
  request(reason: SpawnReason, go: () => void): (() => void) | undefined {
    const request: Request = { reason, go };
    this.queue.push(request);
    this.grant();
    if (!this.queue.includes(request)) return undefined;
    return () => {
      this.queue = this.queue.filter((one) => one !== request);
      if (this.queue.length === 0) clearTimeout(this.timer);
    };
  }

  /** Cameras that wait for a start. */
  get waiting(): number {
    return this.queue.length;
  }

  private grant(): void {
    this.refill();
    for (let next = this.next(); next !== undefined; next = this.next()) {
      if (next.reason !== 'start') this.tokens -= 1;
      this.grantedAt = this.monotonic();
      if (next.reason === 'retry') this.retriedAt = this.monotonic();
      this.queue = this.queue.filter((one) => one !== next);
      next.go();
    }
    clearTimeout(this.timer);
    if (this.queue.length > 0) this.timer = setTimeout(() => this.grant(), this.pause());
  }

  /** The oldest request that may be granted now. */
  private next(): Request | undefined {
    const now = this.monotonic();
    if (now - this.grantedAt < SPACING_MS) return undefined;
    const mayRetry = now - this.retriedAt >= RETRY_SPACING_MS;
    return this.queue.find(
      ({ reason }) => reason === 'start' || (this.tokens >= 1 && (reason === 'urgent' || mayRetry)),
    );
  }

  private refill(): void {
    const now = this.monotonic();
    const whole = Math.floor((now - this.filledAt) / REFILL_MS);
    this.tokens = Math.min(BURST, this.tokens + whole);
    this.filledAt += whole * REFILL_MS;
  }

  private pause(): number {
    const now = this.monotonic();
    const waits = this.queue.map(({ reason }) =>
      Math.max(
        this.grantedAt + SPACING_MS,
        reason === 'start' || this.tokens >= 1 ? 0 : this.filledAt + REFILL_MS,
        reason === 'retry' ? this.retriedAt + RETRY_SPACING_MS : 0,
      ),
    );
    return Math.max(1, Math.min(...waits) - now);
  }
}
