import type { Point } from '@headcount/shared';
import type { Anchor } from '../config/camera-config.js';
import type { Track } from '../tracker/track.js';
import { anchorOf } from './anchor.js';
import { depthOf, distanceInside } from './polygon.js';
import { BAND } from './settled-side.js';
import { RecentMedian, SteadyEdge } from './zone-filter.js';
import {
  firstSight,
  GRACE_MS,
  heirDistance,
  newSide,
  sawBegin,
  seenAgain,
  wasLeaving,
  type OpenVisit,
  type Presence,
} from './zone-presence.js';

/** One stay of one person in a zone. Times are monotonic milliseconds. */
export interface Visit {
  /** The track that began it; later ones may have carried it on. */
  readonly track: number;
  readonly from: number;
  readonly to: number;
  /** Beginning and end were both seen, so `to - from` is a dwell time. */
  readonly complete: boolean;
}

/** What one frame says about a zone. */
export interface ZoneReading {
  /** Visits going on now: all that entered less all that ended. */
  readonly inside: number;
  /** People inside and people waiting there: medians over {@link MEDIAN_MS}. */
  readonly occupancy: number;
  readonly queue: number;
  /** Occupancy has been above the capacity for {@link CAPACITY_MS} and not yet back for as long. */
  readonly over: boolean;
  /** Visits that began. */
  readonly entered: number;
  /** Visits that ended, those nobody saw end included. */
  readonly ended: readonly Visit[];
}

/** Follows the people in one zone. */
export interface ZoneCounter {
  /** Feed the tracks of one frame; `at` in monotonic ms. Only tracks seen in this frame move on, only confirmed ones count. */
  update(tracks: readonly Track[], at: number): ZoneReading;
  /** Nobody looks any more (the stream broke): end every visit where it was last seen, as incomplete. */
  interrupt(): Visit[];
}

/** What a zone counter is made of. */
export interface ZoneOptions {
  readonly id: string;
  /** Pixels of the picture. */
  readonly polygon: readonly Point[];
  readonly anchor: Anchor;
  readonly capacity?: number | undefined;
  /** What was last told about the capacity, before a restart. */
  readonly over?: boolean | undefined;
}

/** The band takes no more than this share of a small zone's depth, else nobody could ever be inside it. */
const BAND_OF_DEPTH = 0.5;
/** Occupancy and queue are medians over so long (ms): one second of flicker is no change. */
const MEDIAN_MS = 1000;
/** So long above or not above the capacity before it is told (ms). */
const CAPACITY_MS = 1000;
/** A vanished visitor waits so much longer when an unconfirmed track stands in its place (ms); confirming takes 250 ms. */
const HEIR_MS = 1000;
/** A track without a visit is forgotten when not seen for so long (ms); longer than the tracker keeps tracks. */
const FORGET_MS = 5000;
/** Most tracks remembered: the tracker's 256 and as many that are gone. More are not followed until some are forgotten. */
const MAX_PRESENCES = 512;

/**
 * Zone membership as a state machine per track: a side of the boundary is settled once the anchor has been beyond the
 * dead band for a while. A settled change to inside begins a visit. Someone who vanishes inside stays for a grace time
 * and hands the visit to a new track in the same place, so that a change of id is neither an exit nor an entry.
 */
export function createZoneCounter(options: ZoneOptions): ZoneCounter {
  const { polygon, anchor, capacity, over = false } = options;
  const presences = new Map<number, Presence>();
  const maxBand = BAND_OF_DEPTH * depthOf(polygon);
  const occupancies = new RecentMedian(MEDIAN_MS);
  const queues = new RecentMedian(MEDIAN_MS);
  const alarm = new SteadyEdge({ on: over, holdMs: CAPACITY_MS });
  let watchingSince: number | undefined;

  const see = (track: Track, at: number) => {
    const place = anchorOf(track.box, anchor);
    const band = Math.min(BAND * track.box.h, maxBand);
    const sighting = { anchor: place, distance: distanceInside(polygon, place), band, at };
    const known = presences.get(track.id);
    if (known !== undefined) seenAgain(known, track, sighting);
    else if (presences.size < MAX_PRESENCES) presences.set(track.id, firstSight(track, sighting));
  };

  return {
    update(tracks, at) {
      watchingSince ??= at;
      for (const track of tracks) if (track.seenAt === at) see(track, at);
      const ended: Visit[] = [];
      let entered = 0;
      for (const presence of presences.values()) {
        if (presence.seenAt !== at) continue;
        inherit(presences, presence, at);
        const side = newSide(presence, at);
        if (side === undefined) continue;
        presence.settled = side;
        if (side === 'in') {
          const seenToBegin = sawBegin(presence, polygon, watchingSince);
          presence.visit = { track: presence.id, from: presence.plainSince, seenToBegin };
          entered += 1;
        } else if (presence.visit !== undefined) {
          ended.push(closed(presence.visit, presence.plainSince, true));
          presence.visit = undefined;
        }
      }
      ended.push(...forget(presences, polygon, at));
      const inside = [...presences.values()].filter(({ visit }) => visit !== undefined);
      const waiting = inside.filter(({ gait }) => gait.isWaiting(at)).length;
      const occupancy = occupancies.add(inside.length, at);
      return {
        inside: inside.length,
        occupancy,
        queue: Math.min(occupancy, queues.add(waiting, at)),
        over: alarm.update(capacity !== undefined && occupancy > capacity, at),
        entered,
        ended,
      };
    },

    interrupt() {
      const ended = [...presences.values()].flatMap(({ visit, seenAt }) =>
        visit === undefined ? [] : [closed(visit, seenAt, false)],
      );
      presences.clear();
      occupancies.reset();
      queues.reset();
      alarm.interrupt();
      watchingSince = undefined;
      return ended;
    },
  };
}

/** A confirmed track without a side takes the visit of somebody who vanished where it stands. */
function inherit(presences: Map<number, Presence>, heir: Presence, at: number): void {
  if (!heir.confirmed || heir.settled !== undefined) return;
  // Outside, it may be a neighbour: wait until it has settled there, so that the other may be found again.
  if (heir.candidate === 'out' && newSide(heir, at) === undefined) return;
  let best: { lost: Presence; distance: number } | undefined;
  for (const lost of presences.values()) {
    const distance = heirDistance(heir, lost, at);
    if (distance !== undefined && distance < (best?.distance ?? Infinity)) best = { lost, distance };
  }
  if (best === undefined) return;
  heir.visit = best.lost.visit;
  heir.settled = 'in';
  heir.gait.continues(best.lost.gait);
  presences.delete(best.lost.id);
}

/** End the visits of those who are gone for too long, and forget everybody who is. */
function forget(presences: Map<number, Presence>, polygon: readonly Point[], at: number): Visit[] {
  const ended: Visit[] = [];
  for (const [id, presence] of presences) {
    const { visit, seenAt } = presence;
    if (visit === undefined) {
      if (at - seenAt > FORGET_MS) presences.delete(id);
    } else if (at - seenAt > GRACE_MS && !hasHeir(presences, presence, at)) {
      ended.push(closed(visit, seenAt, wasLeaving(presence, polygon)));
      presences.delete(id);
    }
  }
  return ended;
}

function hasHeir(presences: Map<number, Presence>, lost: Presence, at: number): boolean {
  if (at - lost.seenAt > GRACE_MS + HEIR_MS) return false;
  for (const presence of presences.values())
    if (at - presence.seenAt < HEIR_MS && heirDistance(presence, lost, at) !== undefined) return true;
  return false;
}

function closed({ track, from, seenToBegin }: OpenVisit, to: number, seenToEnd: boolean): Visit {
  // An heir that was seen while its predecessor still was may have changed sides before the visit began.
  return { track, from, to: Math.max(from, to), complete: seenToBegin && seenToEnd };
}
