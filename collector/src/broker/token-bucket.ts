/** How fast something may go on, and how much of it may come at once after a rest. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Tokens that come at a steady rate; one bucket for each thing that is limited. Times are in ms of any clock. */
export class TokenBucket {
  private readonly rate: Rate;
  private tokens: number;
  private at: number;

  constructor(rate: Rate, now: number) {
    this.rate = rate;
    this.tokens = rate.burst;
    this.at = now;
  }

  /** Take tokens that were used already, also more than there are. @returns how long to wait until none is owed (ms) */
  spend(tokens: number, now: number): number {
    this.refill(now);
    this.tokens -= tokens;
    return Math.max(0, Math.ceil((-this.tokens / this.rate.perSecond) * 1000));
  }

  /** Take one token, if there is one. */
  take(now: number): boolean {
    this.refill(now);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  private refill(now: number): void {
    const { perSecond, burst } = this.rate;
    // A clock that was set back gives nothing and takes nothing.
    const elapsedMs = Math.max(0, now - this.at);
    this.tokens = Math.min(burst, this.tokens + (elapsedMs / 1000) * perSecond);
    this.at = now;
  }
}
