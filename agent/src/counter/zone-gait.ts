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
/**
 * The tracker's velocity is averaged over so long (ms): the last box before somebody vanishes is often cut off by who
 * stands in front, and one such box turns the tracker's own velocity to nowhere (seen in PETS 2009 S2.L1).
 */
const VELOCITY_MS = 500;

/** Where a person is, goes, and whether they wait, without the jumps of single boxes. Times monotonic ms, places pixels. */
export class Gait {
  private near: Point;
  private far: Point;
  private velocity: Point;
  private movedAt: number;
  private stillSince: number | undefined;

  /** @param velocity in pixels per second */
  constructor(anchor: Point, velocity: Point, at: number) {
    this.near = anchor;
    this.far = anchor;
    this.velocity = velocity;
    this.movedAt = at;
    this.stillSince = at;
  }

  /** @param person.height in pixels: speeds are in body heights per second */
  move(
    person: { readonly anchor: Point; readonly velocity: Point; readonly height: number },
    at: number,
  ): void {
    const { anchor, velocity, height } = person;
    const share = (averageMs: number) => 1 - Math.exp((this.movedAt - at) / averageMs);
    this.near = towards(this.near, anchor, share(SHORT_MS));
    this.far = towards(this.far, anchor, share(LONG_MS));
    this.velocity = towards(this.velocity, velocity, share(VELOCITY_MS));
    this.movedAt = at;
    const lag = Math.hypot(this.near.x - this.far.x, this.near.y - this.far.y);
    const speed = lag / height / ((LONG_MS - SHORT_MS) / 1000);
    if (speed < STILL_SPEED) this.stillSince ??= at;
    else this.stillSince = undefined;
  }

  /** Where the walk leads so long after the last sight (ms). */
  ahead(ms: number): Point {
    // The average over a short time lags behind a steady walk by just that time.
    const seconds = (ms + SHORT_MS) / 1000;
    return { x: this.near.x + this.velocity.x * seconds, y: this.near.y + this.velocity.y * seconds };
  }

  /** Where the walk came from so long before it was at `place` (ms). */
  before(place: Point, ms: number): Point {
    return { x: place.x - (this.velocity.x * ms) / 1000, y: place.y - (this.velocity.y * ms) / 1000 };
  }

  /** Has stood for long enough to be waiting; somebody who is hidden for a moment is taken to go on standing. */
  isWaiting(at: number): boolean {
    return this.stillSince !== undefined && at - this.stillSince >= WAITING_MS;
  }

  /** The same person under an earlier track: a wait goes on. */
  continues(earlier: Gait): void {
    if (this.stillSince !== undefined && earlier.stillSince !== undefined)
      this.stillSince = Math.min(this.stillSince, earlier.stillSince);
  }
}

function towards(from: Point, to: Point, share: number): Point {
  return { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
}
