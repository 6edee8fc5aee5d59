import { positionAlong, signedDistance, type Direction, type Point, type Segment } from '@headcount/shared';
import type { Track } from '../tracker/track.js';

/** One counted passage over a line. */
export interface Crossing {
  readonly line: string;
  readonly direction: Direction;
  readonly track: number;
  /** When the anchor was on the line: monotonic milliseconds, interpolated between two frames. */
  readonly at: number;
}

/** Counts the passages over one line. */
export interface LineCounter {
  /** Feed the tracks of one frame; `at` in monotonic milliseconds. Only tracks seen in this frame move on, only confirmed ones count. */
  update(tracks: readonly Track[], at: number): Crossing[];
}

/**
 * Half the width of the band around the line in which a side is not decided, as a fraction of the person's height:
 * a detected foot point wobbles by about 5 % of the height, and this is three times that.
 */
export const BAND = 0.15;
/** A person must stay on a side for so long before it counts as their side. */
export const SETTLE_MS = 150;
/** A person's memory is dropped when the track has not been seen for so long; longer than the tracker keeps tracks. */
const FORGET_MS = 5000;

type Side = -1 | 1;

interface Passage {
  /** The side the person is known to be on. */
  settled: Side | undefined;
  /** The side being tried, since when. */
  candidate: Side | undefined;
  candidateSince: number;
  /** Last anchor, its signed distance and time, to find where the line was crossed. */
  anchor: Point;
  distance: number;
  seenAt: number;
  /** Where along the line (0..1 is on it) and when the sign last changed. */
  crossedAlong: number | undefined;
  crossedAt: number;
}

/**
 * Line crossing as a state machine per track: a side is settled once the anchor (bottom centre of the box) is outside
 * the band for a while; a settled change of side whose path went over the segment is one crossing. Turning back
 * inside the band counts nothing, coming back counts the other way.
 */
export function createLineCounter(line: string, segment: Segment): LineCounter {
  const passages = new Map<number, Passage>();

  return {
    update(tracks, at) {
      const crossings: Crossing[] = [];
      for (const track of tracks) {
        if (track.seenAt !== at) continue;
        const crossing = follow(passages, track, segment, at);
        if (crossing !== undefined) crossings.push({ line, track: track.id, ...crossing });
      }
      for (const [id, passage] of passages) if (at - passage.seenAt > FORGET_MS) passages.delete(id);
      return crossings;
    },
  };
}

function follow(
  passages: Map<number, Passage>,
  track: Track,
  segment: Segment,
  at: number,
): { direction: Direction; at: number } | undefined {
  const anchor = { x: track.box.x + track.box.w / 2, y: track.box.y + track.box.h };
  const distance = signedDistance(segment, anchor);
  const passage = passages.get(track.id);
  const outside = Math.abs(distance) >= BAND * track.box.h;
  const side = outside ? sideOf(distance) : undefined;
  if (passage === undefined) {
    passages.set(track.id, firstSight(anchor, distance, side, at));
    return undefined;
  }
  noteSignChange(passage, segment, { anchor, distance, at });
  passage.anchor = anchor;
  passage.distance = distance;
  passage.seenAt = at;
  // A tentative track is watched, so that its side is known, but it changes sides only once it is confirmed.
  if (track.state !== 'confirmed' && passage.settled !== undefined) return undefined;
  return settle(passage, side, at);
}

function firstSight(anchor: Point, distance: number, side: Side | undefined, at: number): Passage {
  return {
    settled: undefined,
    candidate: side,
    candidateSince: at,
    anchor,
    distance,
    seenAt: at,
    crossedAlong: undefined,
    crossedAt: at,
  };
}

function sideOf(distance: number): Side {
  return distance > 0 ? 1 : -1;
}

function noteSignChange(
  passage: Passage,
  segment: Segment,
  now: { readonly anchor: Point; readonly distance: number; readonly at: number },
): void {
  if (sideOf(passage.distance) === sideOf(now.distance)) return;
  const share = Math.abs(passage.distance) / (Math.abs(passage.distance) + Math.abs(now.distance));
  const point = {
    x: passage.anchor.x + share * (now.anchor.x - passage.anchor.x),
    y: passage.anchor.y + share * (now.anchor.y - passage.anchor.y),
  };
  passage.crossedAlong = positionAlong(segment, point);
  passage.crossedAt = passage.seenAt + share * (now.at - passage.seenAt);
}

function settle(
  passage: Passage,
  side: Side | undefined,
  at: number,
): { direction: Direction; at: number } | undefined {
  if (side === undefined) {
    passage.candidate = undefined;
    return undefined;
  }
  if (side !== passage.candidate) {
    passage.candidate = side;
    passage.candidateSince = at;
  }
  if (side === passage.settled || at - passage.candidateSince < SETTLE_MS) return undefined;
  const before = passage.settled;
  passage.settled = side;
  const along = passage.crossedAlong;
  if (before === undefined || along === undefined || along < 0 || along > 1) return undefined;
  return { direction: side > 0 ? 'in' : 'out', at: passage.crossedAt };
}
