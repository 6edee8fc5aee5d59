/** A sweep that comes so much later than planned tells of a stuck machine, not of stuck cameras (ms). */
const LATE_MS = 1000;

/**
 * Notices sweeps that come too late. After the event loop was stuck, every frame is old, because nobody has read the
 * newer ones yet: a sweep that acted on that would restart all cameras at once.
 */
export class SweepGuard {
  private readonly periodMs: number;
  private last: number | undefined;

  constructor(periodMs: number) {
    this.periodMs = periodMs;
  }

  /** True when this sweep must not judge anybody. @param now monotonic ms */
  late(now: number): boolean {
    const age = this.last === undefined ? 0 : now - this.last;
    this.last = now;
    return age > this.periodMs + LATE_MS;
  }
}
