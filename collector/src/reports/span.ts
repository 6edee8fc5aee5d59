import { instantOfDay } from '../counts/zone.js';
import { ProblemError } from '../schema/problem.js';
import type { ReportQuery } from '../schema/reports.js';

const DAY_MS = 24 * 3_600_000;
const MOST_DAYS = 400;

/** Days of a wall clock as instants, UTC ms; `to` is not included. */
export interface ReportSpan {
  readonly from: number;
  readonly to: number;
  /** IANA. */
  readonly zone: string;
}

/** The days that a report is about. @throws ProblemError 400 where they are in the wrong order or too many */
export function spanOf({ from, to, zone }: ReportQuery, defaultZone: string): ReportSpan {
  const [first, last] = [dayNumber(from), dayNumber(to)];
  if (last < first) throw new ProblemError(400, `to: ${to} is before ${from}; put the later day last`);
  if (last - first >= MOST_DAYS)
    throw new ProblemError(400, `to: that is ${last - first + 1} days; ask for ${MOST_DAYS} at most`);
  const named = zone ?? defaultZone;
  return { from: instantOfDay(named, first, 0), to: instantOfDay(named, last + 1, 0), zone: named };
}

/** Days of the wall clock since 1970. */
function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00Z`) / DAY_MS;
}

/** A day of the wall clock as it is written. @param day since 1970 */
export function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
