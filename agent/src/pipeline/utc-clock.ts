import { EARLIEST_UTC_MS } from '@headcount/shared';

/** A wall clock may differ from the monotonic one by so much before it counts as a step: milliseconds. */
export const CLOCK_STEP_MS = 2000;

/**
 * UTC that runs with the monotonic clock, so that durations never jump with the wall clock. Small drift is followed,
 * a step is reported. While the wall clock has never been set, it counts from the earliest time that a record may have.
 */
export class UtcClock {
  private readonly wall: () => number;
  private readonly monotonic: () => number;
  private offset: number;
  /** False while nobody has set the clock since the machine was started, so that times may have to be moved. */
  certain = true;

  constructor(options: { wall: () => number; monotonic: () => number }) {
    this.wall = options.wall;
    this.monotonic = options.monotonic;
    this.offset = Math.max(options.wall(), EARLIEST_UTC_MS) - options.monotonic();
  }

  /** UTC ms of a monotonic time, by default of now. */
  at(monotonicMs: number = this.monotonic()): number {
    return Math.round(this.offset + monotonicMs);
  }

  /** False while the wall clock is before any time that a record may have: it was never set. */
  wallIsPlausible(): boolean {
    return this.wall() >= EARLIEST_UTC_MS;
  }

  /**
   * Compare with the wall clock and follow it.
   * @returns the milliseconds by which the wall clock stepped, or 0 while it only drifts
   */
  follow(): number {
    if (!this.wallIsPlausible()) return 0;
    const offset = this.wall() - this.monotonic();
    const difference = offset - this.offset;
    this.offset = offset;
    return Math.abs(difference) > CLOCK_STEP_MS ? difference : 0;
  }
}
