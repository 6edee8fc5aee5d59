import type { Severity } from '../schema/incident-words.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How fast people must be, and how long what they said counts (ms). */
interface Targets {
  /** From the start to the acknowledgement. */
  readonly responseMs: number;
  /** From the start to the resolution. */
  readonly resolveMs: number;
  /** An acknowledgement without any note ends after this: forgotten incidents must page again. */
  readonly leaseMs: number;
}

/** Response targets are the specification's; the others are our choice. */
export const TARGETS: Readonly<Record<Severity, Targets>> = {
  critical: { responseMs: 15 * MINUTE_MS, resolveMs: 4 * HOUR_MS, leaseMs: 30 * MINUTE_MS },
  high: { responseMs: HOUR_MS, resolveMs: DAY_MS, leaseMs: HOUR_MS },
  medium: { responseMs: 4 * HOUR_MS, resolveMs: 5 * DAY_MS, leaseMs: 8 * HOUR_MS },
  low: { responseMs: DAY_MS, resolveMs: 30 * DAY_MS, leaseMs: DAY_MS },
};

/** People are paged so long after the first alert, so that what explains it can be named instead (ms). */
export const GROUP_WAIT_MS = 30_000;
/** All alerts must have been resolved for so long before their incident is (ms). */
export const STABLE_MS = 15 * MINUTE_MS;
/** A resolution can be taken back for so long, a merge for so long (ms). */
export const REOPEN_MS = 30 * MINUTE_MS;
export const UNMERGE_MS = DAY_MS;
/** A resolved incident that needs no review closes after this (ms). */
const AUTO_CLOSE_MS = 72 * HOUR_MS;

/** Whether an incident is closed by its review only. */
export function needsReview(severity: Severity): boolean {
  return severity === 'critical' || severity === 'high';
}

/**
 * When people must hear of it again.
 * @param from of the last update, UTC ms
 * @param times 2 while the impact is gone
 */
export function updateDueAt(severity: Severity, from: number, zone: string, times = 1): number {
  if (severity === 'critical') return from + times * 30 * MINUTE_MS;
  if (severity === 'high') return from + times * 2 * HOUR_MS;
  if (severity === 'medium') return addWorkingDays(from, times, zone);
  return from + times * 7 * DAY_MS;
}

/** What ends a resolved incident: its review is due, or it closes by itself. @param resolvedAt UTC ms */
export function endTimer(
  severity: Severity,
  resolvedAt: number,
  zone: string,
): { kind: 'auto_close' | 'review_due'; dueAt: number } {
  if (!needsReview(severity)) return { kind: 'auto_close', dueAt: resolvedAt + AUTO_CLOSE_MS };
  const dueAt = severity === 'critical' ? resolvedAt + 3 * DAY_MS : addWorkingDays(resolvedAt, 5, zone);
  return { kind: 'review_due', dueAt };
}

/** So many days of 24 hours later, not counting those that end on a Saturday or Sunday of the zone. @param at UTC ms */
export function addWorkingDays(at: number, days: number, zone: string): number {
  const weekday = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: zone });
  let [end, left] = [at, days];
  while (left > 0) {
    end += DAY_MS;
    if (!weekday.format(end).startsWith('S')) left -= 1;
  }
  return end;
}
