import rrule from 'rrule';
import { instantOf, type Span } from '../counts/zone.js';

const DAY_MS = 24 * 3_600_000;

/** When something comes again. */
export interface Recurrence {
  /** An RRULE without its start; UNTIL is the last day. */
  readonly rule: string;
  /** IANA. */
  readonly timeZone: string;
  /** First time on the wall clock, such as 2026-03-02T01:00. */
  readonly start: string;
}

/**
 * When it begins, in [from, to), UTC ms. The rule is worked out on the wall clock and each time then turned into an instant: where
 * the clock jumps over it, when it has jumped; where the clock shows it twice, the first time.
 */
export function occurrences({ rule, timeZone, start }: Recurrence, { start: from, end: to }: Span): number[] {
  const { until, ...parts } = rrule.RRule.parseString(rule);
  // No wall clock is a day away from UTC. The library never stops looking for a day that there is not, so it is told where to.
  const last = Math.min(to + DAY_MS, until == null ? Infinity : until.getTime() + DAY_MS - 1);
  const times = new rrule.RRule({ ...parts, dtstart: new Date(`${start}Z`), until: new Date(last) });
  return times
    .between(new Date(from - DAY_MS), new Date(last), true)
    .map((wall) => instantOf(timeZone, wall.getTime()))
    .filter((at) => at >= from && at < to);
}
