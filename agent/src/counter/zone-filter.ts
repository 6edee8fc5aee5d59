/**
 * Median of the values of the last `windowMs`, by time and not by number of frames, so that it means the same at every
 * frame rate. Where two values share the middle, the result stays as near to the last one as they allow.
 */
export class RecentMedian {
  private readonly windowMs: number;
  private values: { readonly at: number; readonly value: number }[] = [];
  private last = 0;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  /** @param at monotonic milliseconds, later than the last one */
  add(value: number, at: number): number {
    this.values = this.values.filter((old) => at - old.at < this.windowMs);
    this.values.push({ at, value });
    const sorted = this.values.map((one) => one.value).sort((a, b) => a - b);
    const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? value;
    const upper = sorted[Math.ceil((sorted.length - 1) / 2)] ?? value;
    this.last = Math.min(Math.max(this.last, lower), upper);
    return this.last;
  }

  /** Forget everything: what comes next has nothing to do with what was before. */
  reset(): void {
    this.values = [];
    this.last = 0;
  }
}

/** A state that changes only after the opposite has held without a break for a while. */
export class SteadyEdge {
  private readonly holdMs: number;
  private oppositeSince: number | undefined;
  /** The state as last told. */
  on: boolean;

  constructor(options: { readonly on: boolean; readonly holdMs: number }) {
    this.on = options.on;
    this.holdMs = options.holdMs;
  }

  /** @param at monotonic milliseconds */
  update(wanted: boolean, at: number): boolean {
    if (wanted === this.on) {
      this.oppositeSince = undefined;
      return this.on;
    }
    this.oppositeSince ??= at;
    if (at - this.oppositeSince >= this.holdMs) {
      this.on = wanted;
      this.oppositeSince = undefined;
    }
    return this.on;
  }

  /** Time in which nobody looked proves nothing: the state stays, the wait starts again. */
  interrupt(): void {
    this.oppositeSince = undefined;
  }
}
