import { locate, type Direction, type PathLocation, type Point } from '@headcount/shared';
import type { Anchor } from '../config/camera-config.js';
import type { Track } from '../tracker/track.js';
import { anchorOf } from './anchor.js';
import { SettledSide, sideAt, type Side } from './settled-side.js';

/** One counted passage over a line. */
export interface Crossing {
  readonly line: string;
  readonly direction: Direction;
  readonly track: number;
  /** When the anchor was on the line: monotonic milliseconds, interpolated between two frames. */
  readonly at: number;
  /** The passage was begun by a track that died and ended by one that was born near it. */
  readonly stitched: boolean;
}

/** Counts the passages over one line. */
export interface LineCounter {
  /** Feed the tracks of one frame; `at` in monotonic milliseconds. Only tracks seen in this frame move on, only confirmed ones count. */
  update(tracks: readonly Track[], at: number): Crossing[];
}

/** A line in pixels of the frame. */
export interface LineOptions {
  readonly id: string;
  /** Two points or more; "in" is towards the right-hand side of somebody who walks along it. */
  readonly path: readonly Point[];
  readonly anchor: Anchor;
}

/** A track that nobody has seen for so long is over: what it was about to do is decided, nothing is stitched to it (ms). */
const OVER_MS = 1500;
/** A person's memory is dropped after so long; longer than the tracker keeps lost tracks (ms). */
const FORGET_MS = 5000;
/** A dead track and a new one are one person when the new one begins this near to where the dead one would be: body heights. */
const STITCH_REACH = 0.5;
/** … and when their heights differ by no more than this factor … */
const STITCH_SIZE = 1.3;
/** … and their velocities by no more than this: body heights per second, half of walking pace. */
const STITCH_SPEED = 0.6;
/** Somebody who leaves the picture right behind the line has passed it if they walked away from it at this speed. */
const LEAVING_SPEED = 0.5;

interface Passage {
  side: SettledSide;
  readonly bornAt: number;
  readonly first: Point;
  /** Last sight: anchor, where it lay, when, and the track then. */
  anchor: Point;
  place: PathLocation;
  seenAt: number;
  track: Track;
  /** Where the sign last changed: over the path itself or round its end, and when. */
  crossed: { readonly over: boolean; readonly at: number } | undefined;
  confirmed: boolean;
  /** Took over the beginning of a track that died. */
  stitched: boolean;
  /** Its end was decided, or another track took it over. */
  over: boolean;
}

/**
 * Line crossing as a state machine per track: a side is settled once the anchor is outside the band for a while; a
 * settled change of side whose path went over the line is one crossing. Turning back inside the band counts nothing,
 * coming back counts the other way.
 */
export function createLineCounter(options: LineOptions): LineCounter {
  const passages = new Map<number, Passage>();
  return {
    update(tracks, at) {
      const crossings: Crossing[] = [];
      const count = (passage: Passage, side: Side) => {
        if (passage.crossed?.over !== true) return;
        const { track, stitched, crossed } = passage;
        const direction = side > 0 ? 'in' : 'out';
        crossings.push({ line: options.id, direction, track: track.id, at: crossed.at, stitched });
        passage.stitched = false;
      };
      for (const track of tracks) {
        if (track.seenAt !== at) continue;
        const passage = follow(passages, track, options, at);
        if (track.state !== 'confirmed') continue;
        if (!passage.confirmed) takeOver(passages, passage, options.path);
        passage.confirmed = true;
        const side = sideAt(passage.place.distance, track.box.h);
        if (passage.side.update(side, at) && side !== undefined) count(passage, side);
      }
      for (const [id, passage] of passages) {
        if (at - passage.seenAt > OVER_MS && !passage.over) {
          const side = leavingTo(passage, options.path);
          passage.over = true;
          if (side !== undefined) count(passage, side);
        }
        if (at - passage.seenAt > FORGET_MS) passages.delete(id);
      }
      return crossings;
    },
  };
}

function follow(passages: Map<number, Passage>, track: Track, line: LineOptions, at: number): Passage {
  const anchor = anchorOf(track.measured, line.anchor);
  const place = locate(line.path, anchor);
  const known = passages.get(track.id);
  if (known === undefined) {
    const side = new SettledSide();
    side.update(sideAt(place.distance, track.box.h), at);
    const sight = { first: anchor, bornAt: at, anchor, place, seenAt: at, track };
    const fresh = { ...sight, side, crossed: undefined, confirmed: false, stitched: false, over: false };
    passages.set(track.id, fresh);
    return fresh;
  }
  if (known.over) known.side = known.side.copy();
  known.crossed = crossingBetween(known, { anchor, place, seenAt: at }, line.path) ?? known.crossed;
  Object.assign(known, { anchor, place, seenAt: at, track, over: false });
  return known;
}

type Sight = Pick<Passage, 'anchor' | 'place' | 'seenAt'>;

/** Where somebody changed sides between two sights, walking straight; undefined when they did not. */
function crossingBetween(from: Sight, to: Sight, path: readonly Point[]): Passage['crossed'] {
  const [before, after] = [from.place.distance, to.place.distance];
  if (before > 0 === after > 0) return undefined;
  const share = Math.abs(before) / (Math.abs(before) + Math.abs(after));
  const point = {
    x: from.anchor.x + share * (to.anchor.x - from.anchor.x),
    y: from.anchor.y + share * (to.anchor.y - from.anchor.y),
  };
  return { over: locate(path, point).beside, at: from.seenAt + share * (to.seenAt - from.seenAt) };
}

/** When a track is confirmed: give it the settled side of the track that died where it began, if there is one. */
function takeOver(passages: ReadonlyMap<number, Passage>, born: Passage, path: readonly Point[]): void {
  let best: Passage | undefined;
  let nearest = Number.POSITIVE_INFINITY;
  for (const dead of passages.values()) {
    if (dead === born || dead.over || !dead.confirmed || dead.seenAt >= born.bornAt) continue;
    const distance = stitchDistance(dead, born);
    if (distance < nearest) [best, nearest] = [dead, distance];
  }
  if (best === undefined) return;
  best.over = true;
  const start = { anchor: born.first, place: locate(path, born.first), seenAt: born.bornAt };
  born.crossed ??= crossingBetween(best, start, path) ?? best.crossed;
  born.side.settled = best.side.settled ?? born.side.settled;
  born.stitched = true;
  // Should the dead track be found again after all, it knows what has been counted for it.
  best.side = born.side;
}

/** How badly a dead and a new track fit together, in body heights; infinite when they are not one person. */
function stitchDistance(dead: Passage, born: Passage): number {
  const seconds = (born.bornAt - dead.seenAt) / 1000;
  const height = dead.track.box.h;
  const ratio = born.track.box.h / height;
  const turned = Math.hypot(
    born.track.velocity.x - dead.track.velocity.x,
    born.track.velocity.y - dead.track.velocity.y,
  );
  const apart = Math.hypot(
    dead.anchor.x + dead.track.velocity.x * seconds - born.first.x,
    dead.anchor.y + dead.track.velocity.y * seconds - born.first.y,
  );
  const fits =
    seconds * 1000 <= OVER_MS &&
    ratio <= STITCH_SIZE &&
    ratio >= 1 / STITCH_SIZE &&
    turned <= STITCH_SPEED * height &&
    apart <= STITCH_REACH * height;
  return fits ? apart / height : Number.POSITIVE_INFINITY;
}

/** The side to which somebody who was never seen again had just passed, too shortly to be settled. */
function leavingTo(
  { side, place, anchor, track, confirmed }: Passage,
  path: readonly Point[],
): Side | undefined {
  const { trying } = side;
  if (!confirmed || trying === undefined) return undefined;
  const ahead = { x: anchor.x + track.velocity.x, y: anchor.y + track.velocity.y };
  const speed = (locate(path, ahead).distance - place.distance) * trying;
  if (speed < LEAVING_SPEED * track.box.h) return undefined;
  side.settled = trying;
  return trying;
}
