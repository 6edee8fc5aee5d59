/** Length of a count interval on the wire, in milliseconds. */
export const INTERVAL_MS = 60_000;

/** A half-open stretch of time [start, end) in UTC milliseconds. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * The interval of the given length that contains `at`, aligned to the UTC epoch, so that every gateway
 * cuts time at the same instants whatever its time zone.
 */
export function intervalAt(at: number, lengthMs: number = INTERVAL_MS): Interval {
  const start = Math.floor(at / lengthMs) * lengthMs;
  return { start, end: start + lengthMs };
}
