/** A wall clock may differ from the monotonic one by so much before it counts as a step: milliseconds. */
const STEP_MS = 2000;

/**
 * UTC that runs with the monotonic clock, so that durations never jump with the wall clock. Small drift is followed,
 * a step is reported.
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
    this.offset = options.wall() - options.monotonic();
  }

  /** UTC ms of a monotonic time, by default of now. */
  at(monotonicMs: number = this.monotonic()): number {
    return Math.round(this.offset + monotonicMs);
  }

  /**
   * Compare with the wall clock and follow it.
   * @returns the milliseconds by which the wall clock stepped, or 0 while it only drifts
   */
  follow(): number {
    const offset = this.wall() - this.monotonic();
    const difference = offset - this.offset;
    this.offset = offset;
    return Math.abs(difference) > STEP_MS ? difference : 0;
  }
}
