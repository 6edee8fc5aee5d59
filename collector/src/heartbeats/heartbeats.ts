import type { Heartbeat, HeartbeatAnswer, HeartbeatReport } from '../schema/heartbeats.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable, Store } from '../store/store.js';
import type { HeartbeatRow } from '../store/tables-rules.js';
import { dueAt, missedRuns } from './due.js';

const DAY_S = 24 * 3600;

/** Define periodic work, or define it anew: what was reported stays, and a run is expected from now on. @param now UTC ms */
export async function defineHeartbeat(
  db: Queryable,
  slug: string,
  { title, kind, schedule, graceSeconds, paused }: Heartbeat,
  now: number,
): Promise<void> {
  if ((await find(db, slug))?.kind === 'self-check')
    throw new ProblemError(409, `"${slug}" is a check of the collector itself; choose another name`);
  const when =
    'cron' in schedule
      ? { period_s: null, cron: schedule.cron, time_zone: schedule.timeZone }
      : { period_s: schedule.everySeconds, cron: null, time_zone: null };
  const row = { title, kind, ...when, grace_s: graceSeconds, paused: paused ? 1 : 0, since_at: now };
  await db
    .insertInto('heartbeat')
    .values({ slug, ...row, note: '' })
    .onConflict((conflict) => conflict.column('slug').doUpdateSet(row))
    .execute();
}

/** @throws ProblemError 404 for one that is not there */
export async function removeHeartbeat(db: Queryable, slug: string): Promise<void> {
  await defined(db, slug);
  await db.deleteFrom('heartbeat').where('slug', '=', slug).execute();
}

/** Note that work began, was done or failed. @param now UTC ms @throws ProblemError 404 for work that nobody defined */
export async function reportHeartbeat(
  db: Queryable,
  slug: string,
  report: HeartbeatReport,
  now: number,
): Promise<void> {
  await defined(db, slug);
  await take(db, slug, report, now);
}

async function take(
  db: Queryable,
  slug: string,
  { outcome, note }: HeartbeatReport,
  now: number,
): Promise<void> {
  await db
    .updateTable('heartbeat')
    .set((row) => ({
      note,
      ...(outcome === 'start' && { last_start_at: now }),
      ...(outcome === 'success' && { last_ok_at: now, failing_since: null }),
      ...(outcome === 'failure' && { failing_since: row.fn.coalesce('failing_since', row.val(now)) }),
    }))
    .where('slug', '=', slug)
    .execute();
}

/** What one of the collector's own nightly checks found. @param problem undefined when all is well @param now UTC ms */
export async function reportSelfCheck(
  store: Store,
  { slug, title }: { slug: string; title: string },
  problem: string | undefined,
  now: number,
): Promise<void> {
  const row = { title, kind: 'self-check' as const, period_s: DAY_S, cron: null, time_zone: null };
  await store.transaction().execute(async (trx) => {
    await trx
      .insertInto('heartbeat')
      .values({ slug, ...row, grace_s: DAY_S, paused: 0, since_at: now, note: '' })
      .onConflict((conflict) => conflict.column('slug').doUpdateSet(row))
      .execute();
    await take(
      trx,
      slug,
      { outcome: problem === undefined ? 'success' : 'failure', note: problem ?? '' },
      now,
    );
  });
}

/** All periodic work by its name. @param now UTC ms */
export async function listHeartbeats(db: Queryable, now: number): Promise<HeartbeatAnswer[]> {
  const rows = await db.selectFrom('heartbeat').selectAll().orderBy('slug').execute();
  return rows.map((row) => {
    const { slug, title, kind, period_s, cron, time_zone, grace_s, note } = row;
    const missed = missedRuns(row, now);
    return {
      ...{ slug, title, kind, state: stateOf(row, missed), missed, note },
      schedule:
        cron === null || time_zone === null
          ? { everySeconds: period_s ?? DAY_S }
          : { cron, timeZone: time_zone },
      ...{ graceSeconds: grace_s, paused: row.paused === 1, dueAt: missed === null ? null : dueAt(row) },
      ...{ lastStartAt: row.last_start_at, lastOkAt: row.last_ok_at, failingSince: row.failing_since },
    };
  });
}

function stateOf(row: HeartbeatRow, missed: number | null): HeartbeatAnswer['state'] {
  if (missed === null) return 'paused';
  if (row.failing_since !== null) return 'down';
  if (missed > 0) return 'late';
  return row.last_ok_at === null ? 'new' : 'up';
}

async function find(db: Queryable, slug: string): Promise<HeartbeatRow | undefined> {
  return db.selectFrom('heartbeat').selectAll().where('slug', '=', slug).executeTakeFirst();
}

/** Somebody's, not the collector's own. */
async function defined(db: Queryable, slug: string): Promise<void> {
  const row = await find(db, slug);
  if (row === undefined || row.kind === 'self-check')
    throw new ProblemError(
      404,
      `there is no heartbeat "${slug}"; define it with PUT /api/v1/heartbeats/${slug}`,
    );
}
