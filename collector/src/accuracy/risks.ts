/** Signs between audits that a line counts wrongly. Pure; times are UTC ms, shares 0 to 1. */
import { wilsonBounds } from '@headcount/shared';
import type { RiskKind } from '../schema/accuracy.js';
import { TARGET } from './verdict.js';

/** A day of which less was observed says nothing. */
export const LEAST_COMPLETE = 0.95;
/**
 * People left at closing as a share of who came: more than this on a closed day (operations design, rule count-anomaly). With fewer
 * than fifty people a handful of misses that cancel out on other days would be enough.
 */
const LEFT_SHARE = 0.15;
const LEAST_ENTRIES = 50;
/** A stitched count is a guess; if half of the guesses were wrong at this share, all mistakes that are allowed would be made. */
const STITCHED_SHARE = 2 * (1 - TARGET);
/** Counts from a bad picture: as much time as mistakes are allowed. */
const SUSPECT_SHARE = 1 - TARGET;
/**
 * A day is unusual when it lies further from the median of the same weekdays before than six median absolute deviations (operations
 * design, rule count-anomaly); that is a modified z-score of 4.05, where 3.5 is the usual limit (Iglewicz and Hoaglin, How to Detect
 * and Handle Outliers, 1993).
 */
const DEVIATIONS = 6;
const LEAST_WEEKS = 3;
/** Of a normal distribution, the median absolute deviation is this part of its standard deviation. */
const MAD_PER_SIGMA = 0.6745;
/** Weeks that are all alike by chance must not make every other one unusual: at least so much of the median. */
const LEAST_SPREAD = 0.05;

/** What says that something is wrong. */
export interface Signal {
  readonly kind: RiskKind;
  readonly value: number;
  readonly expected: number | null;
  readonly threshold: number;
  readonly basis: number;
  readonly since: number;
}

/** What a line counted on one site day. */
export interface LineDay {
  readonly start: number;
  readonly crossings: number;
  readonly stitched: number;
  readonly observedMs: number;
  /** Observed time that was counted from a bad picture. */
  readonly suspectMs: number;
  /** Observed share of the day; null for a day on which the line did not exist from its beginning on. */
  readonly completeness: number | null;
  /** Share of the day in which the site was open; null where nobody has said when it is. */
  readonly open: number | null;
}

/** What a site's entrances counted between two closing hours. */
export interface SiteDay {
  readonly from: number;
  readonly in: number;
  readonly out: number;
  readonly completeness: number | null;
}

function says({ completeness }: { readonly completeness: number | null }): boolean {
  return completeness !== null && completeness >= LEAST_COMPLETE;
}

/**
 * People who never left, or left without having come, on the newest closed day; since the first of the days before it that were like
 * it. @param days closed ones, ascending
 */
export function occupancySignal(days: readonly SiteDay[]): Signal | null {
  const known = days.filter((day) => says(day) && Math.max(day.in, day.out) >= LEAST_ENTRIES);
  const shares = known.map((day) => ({ day, share: (day.in - day.out) / Math.max(day.in, day.out) }));
  const newest = shares.at(-1);
  if (newest === undefined || Math.abs(newest.share) <= LEFT_SHARE) return null;
  const good = shares.findLastIndex(({ share }) => Math.abs(share) <= LEFT_SHARE);
  return {
    ...{ kind: 'occupancy-left', value: newest.share, expected: null, threshold: LEFT_SHARE },
    basis: Math.max(newest.day.in, newest.day.out),
    since: shares[good + 1]?.day.from ?? newest.day.from,
  };
}

/**
 * What the last days of a line say.
 * @param days of the last week, ascending; the newest is the day that closed last
 * @param sameWeekday the same weekday as the newest in the weeks before, in any order
 */
export function lineSignals(days: readonly LineDay[], sameWeekday: readonly LineDay[]): Signal[] {
  const known = days.filter(says);
  const newest = days.at(-1);
  // A holiday is no sign: only days that were open for as long are alike.
  const alike = sameWeekday.filter((day) => says(day) && day.open === newest?.open);
  const change = newest !== undefined && says(newest) ? changeSignal(newest, alike) : null;
  return [stitchedSignal(known), suspectSignal(known), change].filter((signal) => signal !== null);
}

/** With 95 % certainty more than the threshold, so that a few crossings say nothing. */
function stitchedSignal(days: readonly LineDay[]): Signal | null {
  const [stitched, crossings] = [sum(days, 'stitched'), sum(days, 'crossings')];
  if ((wilsonBounds(stitched, crossings)?.low ?? 0) <= STITCHED_SHARE) return null;
  const since = firstOver(days, (day) => day.stitched > STITCHED_SHARE * day.crossings);
  return {
    ...{ kind: 'stitched', value: stitched / crossings, expected: null, threshold: STITCHED_SHARE },
    ...{ basis: crossings, since },
  };
}

function suspectSignal(days: readonly LineDay[]): Signal | null {
  const [suspect, observed] = [sum(days, 'suspectMs'), sum(days, 'observedMs')];
  if (suspect <= SUSPECT_SHARE * observed) return null;
  const since = firstOver(days, (day) => day.suspectMs > SUSPECT_SHARE * day.observedMs);
  return {
    ...{ kind: 'suspect', value: suspect / observed, expected: null, threshold: SUSPECT_SHARE },
    ...{ basis: Math.round(observed / 60_000), since },
  };
}

function changeSignal(day: LineDay, weeks: readonly LineDay[]): Signal | null {
  if (weeks.length < LEAST_WEEKS) return null;
  const expected = median(weeks.map(({ crossings }) => crossings));
  const deviation = median(weeks.map(({ crossings }) => Math.abs(crossings - expected)));
  // No count of independent people varies less than a Poisson distribution.
  const spread = Math.max(deviation, MAD_PER_SIGMA * Math.sqrt(expected), LEAST_SPREAD * expected);
  const threshold = DEVIATIONS * spread;
  if (Math.abs(day.crossings - expected) <= threshold) return null;
  const basis = weeks.length;
  return { kind: 'weekday-change', value: day.crossings, expected, threshold, basis, since: day.start };
}

function sum(days: readonly LineDay[], what: 'stitched' | 'crossings' | 'suspectMs' | 'observedMs'): number {
  return days.reduce((total, day) => total + day[what], 0);
}

function firstOver(days: readonly LineDay[], isOver: (day: LineDay) => boolean): number {
  return (days.find(isOver) ?? days[0])?.start ?? 0;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0];
  return (low + high) / 2;
}
