import type { Box, Point } from '@headcount/shared';
import type { Detection } from '../detector/detector.js';
import { AxisFilter } from './kalman.js';
import type { Track } from './track.js';

/** Noise of a detected box edge, as a fraction of the person's height. */
const MEASUREMENT_NOISE = 0.05;
/** How fast people may be when first seen: body heights per second (walking is about 0.8, running about 2.5). */
const FIRST_SPEED = 1.5;
/** How quickly people change their speed: body heights per second squared. */
const ACCELERATION = 1;
/** Time constant with which the known size follows the measured one (ms). */
const SIZE_MS = 300;
/** A box this much shorter than the person is partly hidden: behind somebody, a counter, a pushchair. */
const HIDDEN = 0.88;
/** Share of a hidden box's size that is believed: who is hidden for long may really have become smaller. */
const HIDDEN_TRUST = 0.15;
/** The direction of walking is measured over this time of observations (ms), as OC-SORT does over frames. */
const DIRECTION_MS = 600;
/** Observations kept for it: bounds memory at any frame rate. */
const MAX_HISTORY = 24;
/** After a gap longer than this the filter is run again along the line between the observations (ms). */
const REUPDATE_MS = 250;
/** Step of those virtual observations (ms). */
const VIRTUAL_STEP_MS = 100;

interface Observation extends Point {
  readonly at: number;
}

/** A track with its filters; only the tracker sees it, everybody else gets {@link Track} snapshots. */
export class TrackedPerson {
  readonly id: number;
  readonly bornAt: number;
  state: Track['state'] = 'tentative';
  score: number;
  seenAt: number;
  hits = 1;
  private x: AxisFilter;
  private y: AxisFilter;
  /** The filters as they were right after the last observation, for the re-update. */
  private seen: { readonly x: AxisFilter; readonly y: AxisFilter };
  private width: number;
  private height: number;
  measured: Box;
  private history: Observation[];

  constructor(id: number, { box, score }: Detection, at: number) {
    this.id = id;
    this.bornAt = at;
    this.seenAt = at;
    this.score = score;
    this.width = box.w;
    this.height = box.h;
    this.measured = box;
    const noise = MEASUREMENT_NOISE * box.h;
    const speed = FIRST_SPEED * box.h;
    const foot = footOf(box);
    this.x = new AxisFilter(foot.x, noise, speed);
    // The foot of the box, not its middle: feet are what crosses a line.
    this.y = new AxisFilter(foot.y, noise, speed);
    this.seen = { x: this.x.clone(), y: this.y.clone() };
    this.history = [{ ...foot, at }];
  }

  predict(seconds: number): void {
    this.x.predict(seconds, ACCELERATION * this.height);
    this.y.predict(seconds, ACCELERATION * this.height);
  }

  /**
   * The whole person behind a detection that shows only a part: the edge that is where it should be is believed, the
   * other one is put back by the known height.
   */
  complete(box: Box): Box {
    if (box.h >= HIDDEN * this.height) return box;
    const predicted = this.box;
    const offTop = Math.abs(box.y - predicted.y);
    const offBottom = Math.abs(box.y + box.h - (predicted.y + predicted.h));
    const h = this.height + HIDDEN_TRUST * (box.h - this.height);
    return { ...box, y: offTop <= offBottom ? box.y : box.y + box.h - h, h };
  }

  match(detection: Detection, at: number): void {
    const box = this.complete(detection.box);
    const foot = footOf(box);
    const noise = MEASUREMENT_NOISE * box.h;
    if (at - this.seenAt > REUPDATE_MS && this.state === 'lost') this.reupdate(foot, at, noise);
    this.x.update(foot.x, noise);
    this.y.update(foot.y, noise);
    const gain = 1 - Math.exp(-Math.min(at - this.seenAt, SIZE_MS) / SIZE_MS);
    this.width += gain * (box.w - this.width);
    this.height += gain * (box.h - this.height);
    this.measured = box;
    this.score = detection.score;
    this.seenAt = at;
    this.hits += 1;
    this.seen = { x: this.x.clone(), y: this.y.clone() };
    this.remember({ ...foot, at });
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

  /** Where the person was last seen, and from where it had come by then; undefined while that is not known. */
  get heading(): { readonly from: Point; readonly to: Point } | undefined {
    const from = this.history[0];
    const to = this.history.at(-1);
    return from === undefined || to === undefined || from === to ? undefined : { from, to };
  }

  snapshot(): Track {
    return {
      id: this.id,
      box: this.box,
      measured: this.measured,
      score: this.score,
      state: this.state,
      velocity: { x: this.x.velocity, y: this.y.velocity },
      bornAt: this.bornAt,
      seenAt: this.seenAt,
    };
  }

  /**
   * Observation-centred re-update (OC-SORT, Cao et al. 2023): what the filter believed while nobody was seen was its own
   * error growing; it is run again from the last observation along a straight line to the new one.
   */
  private reupdate(foot: Point, at: number, noise: number): void {
    const from = this.history.at(-1) ?? { ...foot, at };
    const steps = Math.max(1, Math.round((at - from.at) / VIRTUAL_STEP_MS));
    const seconds = (at - from.at) / steps / 1000;
    this.x = this.seen.x.clone();
    this.y = this.seen.y.clone();
    for (let step = 1; step <= steps; step++) {
      this.predict(seconds);
      if (step === steps) return;
      this.x.update(from.x + ((foot.x - from.x) * step) / steps, noise);
      this.y.update(from.y + ((foot.y - from.y) * step) / steps, noise);
    }
  }

  private remember(observation: Observation): void {
    this.history.push(observation);
    const oldest = observation.at - DIRECTION_MS;
    while (
      this.history.length > MAX_HISTORY ||
      (this.history.length > 2 && (this.history[0]?.at ?? 0) < oldest)
    )
      this.history.shift();
  }
}

function footOf({ x, y, w, h }: Box): Point {
  return { x: x + w / 2, y: y + h };
}
