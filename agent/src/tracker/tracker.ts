import { iou, type Box } from '@headcount/shared';
import type { Detection } from '../detector/detector.js';
import { assign, FORBIDDEN } from './assignment.js';
import type { Track } from './track.js';
import { TrackedPerson } from './tracked-person.js';

/** Settings of a tracker; times in milliseconds, scores 0 to 1. */
export interface TrackerOptions {
  /** Detections from this score on start tracks and take part in the first pass. */
  readonly highScore: number;
}

/** Boxes below the high score by no more than this share may continue a track; the detector must report them too. */
export const LOW_SCORE_SHARE = 0.6;
/** A confirmed track that nobody has seen for so long is given up. */
const LOST_MS = 2000;
/** A tentative track that is not seen again within this time was noise. */
const TENTATIVE_MS = 700;
/** Seen at least twice over this time, a track is a person and may be counted. */
const CONFIRM_MS = 250;
/** Most tracks at a time: bounds memory and the cubic assignment when a detector goes mad. */
const MAX_TRACKS = 256;
/** Least overlap for a low-score detection to continue a track (ByteTrack, Zhang et al. 2022, second pass). */
const LOW_SCORE_IOU = 0.3;
/** Farthest match in body heights before the track's own uncertainty is added. */
const REACH = 0.35;
/** What turning right round costs, in the units of the other costs (a full reach is 1, no overlap is 1). */
const TURN_WEIGHT = 0.3;
/** Shorter steps than this say nothing about a direction: body heights, above the noise of a box. */
const LEAST_STEP = 0.1;
/** Who is not where they were going may have turned: they are looked for where they were last seen, this soon (ms) … */
const RECOVER_MS = 700;
/** … as far as somebody walks briskly (body heights per second) plus the noise of two boxes (body heights). */
const BRISK = 1.2;
const RECOVER_NOISE = 0.2;
/** Boxes whose heights differ by more than this factor are not the same person. */
const SIZE_RATIO = 1.8;

/** Follows the people of one camera from frame to frame. Pure: time comes in, nothing goes out but the result. */
export interface Tracker {
  /**
   * @param detections people of this frame, boxes in picture pixels
   * @param at monotonic milliseconds of the frame, later than the last one
   * @returns all living tracks; those with `seenAt === at` were seen in this frame
   */
  update(detections: readonly Detection[], at: number): Track[];
}

export function createTracker(options: TrackerOptions): Tracker {
  let people: TrackedPerson[] = [];
  let nextId = 1;
  let lastAt: number | undefined;

  return {
    update(detections, at) {
      const seconds = lastAt === undefined ? 0 : Math.max(0, at - lastAt) / 1000;
      lastAt = at;
      for (const person of people) person.predict(seconds);
      const high = detections.filter((detection) => detection.score >= options.highScore);
      const low = detections.filter((detection) => detection.score < options.highScore);
      const known = people.filter((person) => person.state !== 'tentative');
      const first = matchByDistance(known, high, at);
      matchByOverlap(
        first.people.filter((person) => person.state === 'confirmed'),
        low,
        at,
      );
      const recovered = recover(
        first.people.filter((person) => person.seenAt !== at),
        first.detections,
        at,
      );
      const tentative = people.filter((person) => person.state === 'tentative');
      const third = matchByDistance(tentative, recovered.detections, at);
      for (const person of known) if (person.seenAt !== at) person.state = 'lost';
      people = people.filter(
        (person) => at - person.seenAt <= (person.state === 'tentative' ? TENTATIVE_MS : LOST_MS),
      );
      for (const detection of third.detections) {
        if (people.length < MAX_TRACKS) people.push(new TrackedPerson(nextId++, detection, at));
      }
      for (const person of people) promote(person, at);
      return people.map((person) => person.snapshot());
    },
  };
}

function promote(person: TrackedPerson, at: number): void {
  if (person.seenAt !== at) return;
  if (person.state === 'lost' || (person.hits >= 2 && at - person.bornAt >= CONFIRM_MS))
    person.state = 'confirmed';
}

/** Observation-centric recovery (OC-SORT, Cao et al. 2023): match what is left with the last observations. */
function recover(people: TrackedPerson[], detections: Detection[], at: number): Unmatched {
  const recent = people.filter((person) => at - person.seenAt <= RECOVER_MS);
  return match(recent, detections, at, (person, _, detection) => {
    const { measured } = person;
    const reach = (BRISK * (at - person.seenAt)) / 1000 + RECOVER_NOISE;
    return reachCost(measured, person.complete(detection.box), reach);
  });
}

interface Unmatched {
  readonly people: TrackedPerson[];
  readonly detections: Detection[];
}

function matchByDistance(people: TrackedPerson[], detections: Detection[], at: number): Unmatched {
  return match(people, detections, at, (person, box, detection) => {
    const measured = person.complete(detection.box);
    const cost = distanceCost(box, person.spread, measured);
    return cost === FORBIDDEN ? cost : cost + turnCost(person, measured);
  });
}

function matchByOverlap(people: TrackedPerson[], detections: Detection[], at: number): Unmatched {
  return match(people, detections, at, (_, box, detection) => {
    const overlap = iou(box, detection.box);
    return overlap >= LOW_SCORE_IOU ? 1 - overlap : FORBIDDEN;
  });
}

function match(
  people: TrackedPerson[],
  detections: Detection[],
  at: number,
  cost: (person: TrackedPerson, box: Box, detection: Detection) => number,
): Unmatched {
  const table = people.map((person) => {
    const { box } = person;
    return detections.map((detection) => cost(person, box, detection));
  });
  const taken = new Set<Detection>();
  const left: TrackedPerson[] = [];
  assign(table).forEach((column, row) => {
    const person = people[row];
    const detection = detections[column];
    if (person === undefined) return;
    if (detection === undefined) return void left.push(person);
    person.match(detection, at);
    taken.add(detection);
  });
  return { people: left, detections: detections.filter((detection) => !taken.has(detection)) };
}

/**
 * Distance of the feet in body heights, relative to how far this person can be, plus what the overlap lacks.
 * Distance rather than overlap alone because at 3 frames per second two boxes of one walker may not overlap.
 */
function distanceCost(predicted: Box, spread: number, measured: Box): number {
  return reachCost(predicted, measured, REACH + 2 * spread);
}

/** @param reach farthest match in body heights */
function reachCost(predicted: Box, measured: Box, reach: number): number {
  const height = (predicted.h + measured.h) / 2;
  const ratio = predicted.h / measured.h;
  if (ratio > SIZE_RATIO || ratio < 1 / SIZE_RATIO) return FORBIDDEN;
  const dx = predicted.x + predicted.w / 2 - (measured.x + measured.w / 2);
  const dy = predicted.y + predicted.h - (measured.y + measured.h);
  const distance = Math.hypot(dx, dy) / height;
  if (distance > reach) return FORBIDDEN;
  return distance / reach + (1 - iou(predicted, measured)) + Math.abs(Math.log(ratio));
}

/**
 * Observation-centric momentum (OC-SORT, Cao et al. 2023): how far somebody would have to turn from the way they walked
 * to be this detection; 0 straight on, {@link TURN_WEIGHT} straight back. Small steps have no direction.
 */
function turnCost(person: TrackedPerson, measured: Box): number {
  const { heading } = person;
  if (heading === undefined) return 0;
  const walked = { x: heading.to.x - heading.from.x, y: heading.to.y - heading.from.y };
  const next = {
    x: measured.x + measured.w / 2 - heading.to.x,
    y: measured.y + measured.h - heading.to.y,
  };
  const lengths = [Math.hypot(walked.x, walked.y), Math.hypot(next.x, next.y)] as const;
  const least = LEAST_STEP * measured.h;
  if (lengths[0] < least || lengths[1] < least) return 0;
  const cosine = (walked.x * next.x + walked.y * next.y) / (lengths[0] * lengths[1]);
  return (TURN_WEIGHT * Math.acos(Math.max(-1, Math.min(1, cosine)))) / Math.PI;
}
