import type { Queryable } from '../store/store.js';
import type { ScheduleKey } from './spans.js';

/** Stretches that are looked through: office hours of a month and what lies between them. */
const SPANS = 100;

/** A stretch of duty of one person. */
export interface WorkedShift {
  /** Null where nobody was on duty. */
  readonly user: string | null;
  /** UTC ms. */
  readonly from: number;
  /** Null for the one that runs. */
  readonly to: number | null;
}

/**
 * The shift that runs and those before it, the newest first, back to the one of a person before it: where nobody was on duty
 * in between, that stretch comes, too.
 * @param now UTC ms
 */
export async function lastShifts(
  db: Queryable,
  { team, level }: ScheduleKey,
  now: number,
): Promise<WorkedShift[]> {
  const spans = await db
    .selectFrom('oncall_span')
    .select(['username', 'from_at', 'to_at'])
    .where('team', '=', team)
    .where('level', '=', level)
    .where('from_at', '<=', now)
    .orderBy('from_at', 'desc')
    .limit(SPANS)
    .execute();
  const shifts: { user: string | null; from: number; to: number | null }[] = [];
  for (const { username, from_at, to_at } of spans) {
    const last = shifts.at(-1);
    if (last?.user === username) {
      last.from = from_at;
      continue;
    }
    // The shift before that of a person: enough.
    if (shifts.length > 1 && last?.user !== null) break;
    shifts.push({ user: username, from: from_at, to: to_at > now ? null : to_at });
  }
  return shifts;
}
