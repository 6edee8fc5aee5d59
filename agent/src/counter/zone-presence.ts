import type { Point } from '@headcount/shared';
import type { Track } from '../tracker/track.js';
import { distanceInside, distanceToSegment } from './polygon.js';
import { Gait } from './zone-gait.js';

/** A person who is not seen stays in for so long (ms): longer than people walk behind a pillar or behind each other. */
export const GRACE_MS = 1500;
/**
 * A person must stay on a side of the boundary for so long before it counts (ms). Twice the line counter's: a zone is
 * wider than a line, so there is time, and two samples at 3 frames per second.
 */
const SETTLE_MS = 300;
/** A track that vanished hands its visit on only after so long (ms): the tracker often finds it in the next frames. */
const HAND_OVER_MS = 250;
/** How far from the predicted place the next track may begin, in body heights: more is a neighbour. */
const HEIR_REACH = 0.5;
/** Heights that differ by more than this factor are not the same person's; the tracker allows 1.8 between frames. */
const HEIR_SIZE_RATIO = 1.5;

/**
 * Who appears or vanishes on a walk that crosses the boundary within so long (ms) is taken to have come in or gone out
 * there, such as over the edge of the picture. More would take people who vanish in a crowd for people who left.
 */
const EDGE_MS = 500;

/** A side of a zone's boundary. */
export type Side = 'in' | 'out';

/** A visit that goes on. */
export interface OpenVisit {
  /** The track that began it. */
  readonly track: number;
  /** Monotonic ms. */
  readonly from: number;
  /** False when the person was inside before anybody looked. */
  readonly seenToBegin: boolean;
}

/** What one zone knows about one track. Times are monotonic ms, places are pixels. */
export interface Presence {
  readonly id: number;
  readonly firstAt: number;
  readonly firstAnchor: Point;
  anchor: Point;
  height: number;
  seenAt: number;
  confirmed: boolean;
  /** The side the person is known to be on. */
  settled: Side | undefined;
  /** The side being tried, since when; undefined inside the dead band. */
  candidate: Side | undefined;
  candidateSince: number;
  /** The side without a dead band, and when it began: where a visit begins and ends. */
  plain: Side;
  plainSince: number;
  /** Was seen elsewhere than well inside, so its entry is seen too. */
  approached: boolean;
  readonly gait: Gait;
  visit: OpenVisit | undefined;
}

/** Where a track stands now, relative to a zone. */
export interface Sighting {
  readonly anchor: Point;
  /** Signed distance to the boundary, positive inside (pixels). */
  readonly distance: number;
  /** Half the width of the dead band (pixels). */
  readonly band: number;
  readonly at: number;
}

export function firstSight(track: Track, { anchor, distance, band, at }: Sighting): Presence {
  const side = sideOf(distance, band);
  return {
    id: track.id,
    firstAt: at,
    firstAnchor: anchor,
    anchor,
    height: track.box.h,
    seenAt: at,
    confirmed: track.state === 'confirmed',
    settled: undefined,
    candidate: side,
    candidateSince: at,
    plain: distance > 0 ? 'in' : 'out',
    plainSince: at,
    approached: side !== 'in',
    gait: new Gait(anchor, track.velocity, at),
    visit: undefined,
  };
}

/** The track was seen again. */
export function seenAgain(presence: Presence, track: Track, sighting: Sighting): void {
  const { anchor, distance, band, at } = sighting;
  const side = sideOf(distance, band);
  const plain = distance > 0 ? 'in' : 'out';
  if (side !== presence.candidate) {
    presence.candidate = side;
    presence.candidateSince = at;
  }
  if (plain !== presence.plain) {
    presence.plain = plain;
    presence.plainSince = at;
  }
  if (side !== 'in') presence.approached = true;
  presence.anchor = anchor;
  presence.height = track.box.h;
  presence.seenAt = at;
  presence.confirmed = track.state === 'confirmed';
  presence.gait.move({ anchor, velocity: track.velocity, height: track.box.h }, at);
}

/** The side on which the person has been for long enough, when that is news. */
export function newSide(presence: Presence, at: number): Side | undefined {
  const { candidate, candidateSince, settled, confirmed } = presence;
  if (!confirmed || candidate === undefined || candidate === settled) return undefined;
  return at - candidateSince >= SETTLE_MS ? candidate : undefined;
}

/**
 * How well a track that has no settled side continues a visitor who vanished: the distance in body heights from where
 * the visitor must be, or undefined when it is somebody else.
 */
export function heirDistance(heir: Presence, lost: Presence, at: number): number | undefined {
  if (heir === lost || heir.settled !== undefined || lost.visit === undefined) return undefined;
  if (at - lost.seenAt < HAND_OVER_MS || heir.firstAt - lost.seenAt > GRACE_MS) return undefined;
  const ratio = heir.height / lost.height;
  if (ratio > HEIR_SIZE_RATIO || ratio < 1 / HEIR_SIZE_RATIO) return undefined;
  const bornLater = heir.firstAt >= lost.seenAt;
  const place = bornLater ? heir.firstAnchor : heir.anchor;
  const predicted = lost.gait.ahead((bornLater ? heir.firstAt : at) - lost.seenAt);
  // Anywhere between the last place and the predicted one: people also stop.
  const distance = distanceToSegment(lost.gait.ahead(0), predicted, place) / lost.height;
  return distance <= HEIR_REACH ? distance : undefined;
}

/** Whether the beginning of a visit was seen: from outside, or from where the walk leads back out of the zone. */
export function sawBegin(presence: Presence, polygon: readonly Point[], watchingSince: number): boolean {
  if (presence.approached) return true;
  if (presence.firstAt - watchingSince < GRACE_MS) return false;
  return distanceInside(polygon, presence.gait.before(presence.firstAnchor, EDGE_MS)) < 0;
}

/** Whether somebody who vanished inside was walking out of the zone, such as over the edge of the picture. */
export function wasLeaving(presence: Presence, polygon: readonly Point[]): boolean {
  return distanceInside(polygon, presence.gait.ahead(EDGE_MS)) < 0;
}

function sideOf(distance: number, band: number): Side | undefined {
  if (Math.abs(distance) < band) return undefined;
  return distance > 0 ? 'in' : 'out';
}
