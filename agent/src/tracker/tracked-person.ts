import type { Box } from '@headcount/shared';
import type { Detection } from '../detector/detector.js';
import { AxisFilter } from './kalman.js';
import type { Track } from './track.js';

/** Noise of a detected box edge, as a fraction of the person's height. */
const MEASUREMENT_NOISE = 0.05;
/** How fast people may be when first seen: body heights per second (walking is about 0.8, running about 2.5). */
const FIRST_SPEED = 1.5;
/** How quickly people change their speed: body heights per second squared. */
const ACCELERATION = 1;
/** Share of a new box size that enters the smoothed size at each match. */
const SIZE_GAIN = 0.3;

/** A track with its filters; only the tracker sees it, everybody else gets {@link Track} snapshots. */
export class TrackedPerson {
  readonly id: number;
  readonly bornAt: number;
  state: Track['state'] = 'tentative';
  score: number;
  seenAt: number;
  hits = 1;
  private readonly x: AxisFilter;
  private readonly y: AxisFilter;
  private width: number;
  private height: number;

  constructor(id: number, detection: Detection, at: number) {
    const { box } = detection;
    this.id = id;
    this.bornAt = at;
    this.seenAt = at;
    this.score = detection.score;
    this.width = box.w;
    this.height = box.h;
    const noise = MEASUREMENT_NOISE * box.h;
    const speed = FIRST_SPEED * box.h;
    this.x = new AxisFilter(box.x + box.w / 2, noise, speed);
    // The foot of the box, not its middle: feet are what crosses a line, and heads are what gets cut off.
    this.y = new AxisFilter(box.y + box.h, noise, speed);
  }

  predict(seconds: number): void {
    this.x.predict(seconds, ACCELERATION * this.height);
    this.y.predict(seconds, ACCELERATION * this.height);
  }

  match(detection: Detection, at: number): void {
    const { box, score } = detection;
    const noise = MEASUREMENT_NOISE * box.h;
    this.x.update(box.x + box.w / 2, noise);
    this.y.update(box.y + box.h, noise);
    this.width += SIZE_GAIN * (box.w - this.width);
    this.height += SIZE_GAIN * (box.h - this.height);
    this.score = score;
    this.seenAt = at;
    this.hits += 1;
  }

  get box(): Box {
    return {
      x: this.x.position - this.width / 2,
      y: this.y.position - this.height,
      w: this.width,
      h: this.height,
    };
  }

  /** How uncertain the position is, in body heights. */
  get spread(): number {
    return Math.hypot(this.x.spread, this.y.spread) / this.height;
  }

  snapshot(): Track {
    return {
      id: this.id,
      box: this.box,
      score: this.score,
      state: this.state,
      velocity: { x: this.x.velocity, y: this.y.velocity },
      bornAt: this.bornAt,
      seenAt: this.seenAt,
    };
  }
}
