import { FORBIDDEN } from '../tracker/assignment.js';
import { pairUp } from './pairing.js';
import { accuracyOf, type Score } from './score-line.js';

/** Visits that share at least this part of the frames that either of them covers are the same (as in ActivityNet). */
const LEAST_SHARED = 0.5;

/** One stay in a zone: frames of the clip, both included, interpolated for counted ones. */
export interface FrameVisit {
  readonly from: number;
  readonly to: number;
  readonly track: number;
}

/** A figure as it is and as it was counted. */
export interface Compared {
  /** Null where nobody came. */
  readonly truth: number | null;
  readonly counted: number | null;
  /** counted - truth; null where either is. */
  readonly error: number | null;
}

/** The score of one zone. */
export interface ZoneReport extends Score {
  /** Name in the truth file. */
  readonly id: string;
  /** Mean length of a visit, seconds; only the part within the scored frames. */
  readonly dwellSeconds: Compared;
  /** People in the zone, over the scored frames that were counted. */
  readonly meanOccupancy: Compared;
  readonly maxOccupancy: Compared;
  /** Mean of |counted - true| over these frames, in people; null without frames. */
  readonly occupancyError: number | null;
}

/** What is compared. */
export interface ZoneScoreOptions {
  readonly truth: readonly FrameVisit[];
  /** Visits that count neither as right nor as wrong. */
  readonly optional: readonly FrameVisit[];
  readonly counted: readonly FrameVisit[];
  /** Counted people, one entry per scored frame. */
  readonly occupancy: readonly { readonly frame: number; readonly people: number }[];
  /** Frames that are scored, both included; visits are cut to them. */
  readonly range: { readonly from: number; readonly to: number };
  /** Frames per second of the clip. */
  readonly fps: number;
  /** Visits whose two ends lie no farther apart than this are the same, however short they are (frames). */
  readonly tolerance: number;
}

/**
 * Judge the visits of one zone: one to one, as many as possible, and of those the ones that overlap most. A visit that
 * was cut in two is one right (if a part covers half of it) and one extra.
 */
export function scoreZone(id: string, options: ZoneScoreOptions): ZoneReport {
  const cut = (visits: readonly FrameVisit[]) => visits.flatMap((visit) => cutTo(visit, options.range));
  const [truth, optional, counted] = [cut(options.truth), cut(options.optional), cut(options.counted)];
  const spare = new Set(optional);
  const pairs = pairUp(counted, [...truth, ...optional], (visit, target) => {
    const cost = visitCost(visit, target, options.tolerance);
    return cost + (spare.has(target) ? counted.length + 1 : 0);
  });
  const right = pairs.filter(({ right: target }) => !spare.has(target)).length;
  const excused = new Set(pairs.filter((pair) => spare.has(pair.right)).map(({ left }) => left));
  const judged = counted.filter((visit) => !excused.has(visit));
  const counts = { truth: truth.length, right, missed: truth.length - right, extra: judged.length - right };
  const seconds = (visits: readonly FrameVisit[]) =>
    mean(visits.map(({ from, to }) => (to - from) / options.fps));
  return {
    id,
    ...counts,
    ...accuracyOf(counts),
    dwellSeconds: compare(seconds(truth), seconds(judged)),
    ...scoreOccupancy(truth, optional, options.occupancy),
  };
}

/** An optional visitor may be counted or not: the error is the distance to the nearest number that is right. */
function scoreOccupancy(
  truth: readonly FrameVisit[],
  optional: readonly FrameVisit[],
  occupancy: ZoneScoreOptions['occupancy'],
): Pick<ZoneReport, 'meanOccupancy' | 'maxOccupancy' | 'occupancyError'> {
  const frames = occupancy.map(({ frame, people }) => {
    const least = presentAt(truth, frame);
    const most = least + presentAt(optional, frame);
    return { people, least, error: Math.max(least - people, people - most, 0) };
  });
  const largest = (values: readonly number[]) =>
    values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
  const people = frames.map((frame) => frame.people);
  const least = frames.map((frame) => frame.least);
  return {
    meanOccupancy: compare(mean(least), mean(people)),
    maxOccupancy: compare(largest(least), largest(people)),
    occupancyError: mean(frames.map(({ error }) => error)),
  };
}

function presentAt(visits: readonly FrameVisit[], frame: number): number {
  return visits.filter(({ from, to }) => from <= frame && frame <= to).length;
}

function cutTo(visit: FrameVisit, range: { from: number; to: number }): FrameVisit[] {
  const from = Math.max(visit.from, range.from);
  const to = Math.min(visit.to, range.to);
  return from <= to ? [{ ...visit, from, to }] : [];
}

/** 0 for the same frames, up to 1; both ends belong to a visit, so it is one frame longer than their distance. */
function visitCost(a: FrameVisit, b: FrameVisit, tolerance: number): number {
  const shared = Math.min(a.to, b.to) - Math.max(a.from, b.from) + 1;
  if (shared <= 0) return FORBIDDEN;
  const share = shared / (Math.max(a.to, b.to) - Math.min(a.from, b.from) + 1);
  const close = Math.abs(a.from - b.from) <= tolerance && Math.abs(a.to - b.to) <= tolerance;
  return share >= LEAST_SHARED || close ? 1 - share : FORBIDDEN;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function compare(truth: number | null, counted: number | null): Compared {
  return { truth, counted, error: truth === null || counted === null ? null : counted - truth };
}
