/** When periodic work is due. Pure. Times are UTC ms. */
import { Cron } from 'croner';
import type { HeartbeatRow } from '../store/tables-rules.js';

/** More missing runs than this say nothing new. */
const MOST_MISSED = 3;

type Schedule = Pick<
  HeartbeatRow,
  'period_s' | 'cron' | 'time_zone' | 'grace_s' | 'since_at' | 'last_ok_at' | 'paused'
>;

/** The first run after an instant; null where none follows. */
function nextRun({ period_s, cron, time_zone }: Schedule, after: number): number | null {
  if (period_s !== null) return after + 1000 * period_s;
  if (cron === null || time_zone === null) return null;
  return new Cron(cron, { mode: '5-part', timezone: time_zone }).nextRun(new Date(after))?.getTime() ?? null;
}

/** When the next run is due, without its grace; counted from the last success, or from when it was defined. */
export function dueAt(row: Schedule): number | null {
  return nextRun(row, Math.max(row.last_ok_at ?? 0, row.since_at));
}

/** Runs that are due for longer than their grace, at most 3; null where nothing is expected. */
export function missedRuns(row: Schedule, now: number): number | null {
  if (row.paused === 1) return null;
  let missed = 0;
  let due = dueAt(row);
  while (due !== null && due + 1000 * row.grace_s < now && missed < MOST_MISSED) {
    missed += 1;
    due = nextRun(row, due);
  }
  return missed;
}
