import type { Point } from '@headcount/shared';

/** Slower than this, a person stands (body heights per second); strolling is about 0.5, walking 0.8. */
const STILL_SPEED = 0.3;
/** Who has stood for so long waits (ms). */
const WAITING_MS = 3000;
/**
 * The place is averaged over a short and a long time (ms). At a steady speed the two lie one second of walking apart,
 * so their distance is the speed smoothed over a second; a box that jumps for one frame moves the short one little.
 */
const SHORT_MS = 250;
const LONG_MS = 1250;

/** Whether one person stands still, and since when. Times are monotonic ms, places pixels. */
export class Stillness {
  private near: Point;
  private far: Point;
  private movedAt: number;
  private stillSince: number | undefined;

  constructor(anchor: Point, at: number) {
    this.near = anchor;
    this.far = anchor;
    this.movedAt = at;
    this.stillSince = at;
  }

  /** @param height of the person in pixels: speeds are in body heights per second */
  move(anchor: Point, height: number, at: number): void {
    const elapsed = at - this.movedAt;
    this.near = towards(this.near, anchor, 1 - Math.exp(-elapsed / SHORT_MS));
    this.far = towards(this.far, anchor, 1 - Math.exp(-elapsed / LONG_MS));
    this.movedAt = at;
    const lag = Math.hypot(this.near.x - this.far.x, this.near.y - this.far.y);
    const speed = lag / height / ((LONG_MS - SHORT_MS) / 1000);
    if (speed < STILL_SPEED) this.stillSince ??= at;
    else this.stillSince = undefined;
  }

  /** Has stood for long enough to be waiting; somebody who is hidden for a moment is taken to go on standing. */
  isWaiting(at: number): boolean {
    return this.stillSince !== undefined && at - this.stillSince >= WAITING_MS;
  }

  /** The same person under an earlier track: a wait goes on. */
  continues(earlier: Stillness): void {
    if (this.stillSince !== undefined && earlier.stillSince !== undefined)
      this.stillSince = Math.min(this.stillSince, earlier.stillSince);
  }
}

function towards(from: Point, to: Point, share: number): Point {
  return { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
}
