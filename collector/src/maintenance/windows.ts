import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { MaintenanceWindow, NewWindow } from '../schema/maintenance.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable, Store } from '../store/store.js';
import { APPROVAL_MS, countsTo } from './effect.js';
import { placeOf } from './place.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** As the database holds it too. */
const LONGEST_MS = 7 * 24 * HOUR_MS;
/** Who mends what is broken writes it down afterwards; more would be another story about the past (ms). */
const EMERGENCY_BACK_MS = HOUR_MS;

/** When a window ends, approved or not. */
const realEnd = sql<number>`coalesce(ended_early_at, end_at)`;

/**
 * Plan a window. One that lasts longer than a day waits for the approval of somebody else.
 * @returns its id
 * @throws ProblemError 400 for times that may not be, 404 for a site, gateway or camera that there is not
 */
export async function addWindow(
  db: Queryable,
  wanted: NewWindow,
  author: string,
  now: number,
): Promise<string> {
  const { start, end, reason, kind, effect } = wanted;
  const problem = timeProblem(wanted, now);
  if (problem !== undefined) throw new ProblemError(400, problem);
  const id = randomUUID();
  await db
    .insertInto('maintenance_window')
    .values({
      ...{ id, ...(await placeOf(db, wanted)), start_at: start, end_at: end, reason, kind, effect, author },
      ...{ created_at: now, approval: end - start > APPROVAL_MS ? 'waiting' : 'none' },
    })
    .execute();
  return id;
}

/** A window says beforehand what will not count; one about the past would only make past uptime look better. */
function timeProblem({ start, end, kind }: NewWindow, now: number): string | undefined {
  if (end <= start) return 'end: must be after the start';
  if (end - start > LONGEST_MS) return 'end: at most 7 days after the start; plan another window after it';
  if (end <= now) return 'end: has passed already; a window cannot be about the past';
  if (kind === 'emergency')
    return start >= now - EMERGENCY_BACK_MS
      ? undefined
      : 'start: an emergency may have begun at most an hour ago; choose a later start';
  // Forms know minutes: the minute that runs is not the past.
  return start >= Math.floor(now / MINUTE_MS) * MINUTE_MS
    ? undefined
    : 'start: has passed; begin now, or make it an emergency if it began within the last hour';
}

/**
 * End a window that runs; what comes after counts again.
 * @throws ProblemError 404, or 409 for one that does not run
 */
export async function endWindow(db: Queryable, id: string, now: number): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('maintenance_window')
    .set({ ended_early_at: now })
    .where('id', '=', id)
    .where('start_at', '<=', now)
    .where('cancelled_at', 'is', null)
    .where(realEnd, '>', now)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw await refusal(db, id, 'it does not run; delete one that has not begun');
}

/**
 * Take back a window that has not begun. One that was announced is kept, so that the channels are told.
 * @throws ProblemError 404, or 409 for one that has begun
 */
export async function removeWindow(db: Queryable, id: string, now: number): Promise<void> {
  if ((await takeBack(db, { id }, now)) === 0)
    throw await refusal(db, id, 'it has begun or was taken back; end one that runs early instead');
}

/** Take back windows that have not begun: one, or all of a series. @returns how many */
export async function takeBack(
  db: Queryable,
  of: { readonly id: string } | { readonly series: string },
  now: number,
): Promise<number> {
  const [column, value] = 'id' in of ? (['id', of.id] as const) : (['series', of.series] as const);
  const deleted = await db
    .deleteFrom('maintenance_window')
    .where(column, '=', value)
    .where('start_at', '>', now)
    .where('announced_at', 'is', null)
    .executeTakeFirst();
  const cancelled = await db
    .updateTable('maintenance_window')
    // Its place in the series is free for another.
    .set({ cancelled_at: now, series: null })
    .where(column, '=', value)
    .where('start_at', '>', now)
    .where('cancelled_at', 'is', null)
    .executeTakeFirst();
  return Number(deleted.numDeletedRows + cancelled.numUpdatedRows);
}

/**
 * Approve a window that waits for it. A planned one that has begun counts from now on.
 * @throws ProblemError 404, 403 for its author, 409 for one that does not wait, or not any more
 */
export async function approveWindow(db: Queryable, id: string, approver: string, now: number): Promise<void> {
  const window = await db
    .selectFrom('maintenance_window as w')
    .select(['w.author', 'w.approval', 'w.cancelled_at'])
    .select(countsTo.as('to'))
    .where('w.id', '=', id)
    .executeTakeFirst();
  if (window === undefined) throw new ProblemError(404, 'there is no such maintenance window');
  if (window.approval !== 'waiting' || window.cancelled_at !== null)
    throw new ProblemError(409, 'the maintenance window does not wait for an approval');
  if (window.author === approver)
    throw new ProblemError(403, 'you planned this window: somebody else approves it');
  if (window.to <= now)
    throw new ProblemError(
      409,
      'the maintenance window is over; what has passed cannot be approved any more',
    );
  const { numUpdatedRows } = await db
    .updateTable('maintenance_window')
    .set({ approval: 'approved', approver, approved_at: now })
    .where('id', '=', id)
    .where('approval', '=', 'waiting')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new ProblemError(409, 'somebody was faster; look at it again');
}

async function refusal(db: Queryable, id: string, problem: string): Promise<ProblemError> {
  const known = await db
    .selectFrom('maintenance_window')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  return known === undefined
    ? new ProblemError(404, 'there is no such maintenance window')
    : new ProblemError(409, `the maintenance window cannot be changed: ${problem}`);
}

/** What to list. */
export interface WindowFilter {
  /** True for windows that have not ended, false for those that have, undefined for all. */
  readonly open?: boolean | undefined;
  /** Only windows behind this one. */
  readonly after?: { readonly start: number; readonly id: string } | undefined;
  readonly limit: number;
}

/** Windows, the one that begins last first. */
export async function listWindows(
  store: Store,
  { open, after, limit }: WindowFilter,
  now: number,
): Promise<MaintenanceWindow[]> {
  let query = store
    .selectFrom('maintenance_window as w')
    .innerJoin('site', 'site.name', 'w.site')
    .selectAll('w')
    .select('site.time_zone')
    .orderBy('w.start_at', 'desc')
    .orderBy('w.id', 'desc')
    .limit(limit);
  if (open === true) query = query.where(countsTo, '>', now).where('w.cancelled_at', 'is', null);
  if (open === false)
    query = query.where((where) =>
      where.or([sql<boolean>`${countsTo} <= ${now}`, where('w.cancelled_at', 'is not', null)]),
    );
  if (after !== undefined)
    query = query.where(sql<boolean>`(w.start_at, w.id) < (${after.start}, ${after.id})`);
  const rows = await query.execute();
  return rows.map((row) => ({
    ...{ id: row.id, scope: row.scope, site: row.site, gateway: row.gateway, camera: row.camera },
    ...{ timeZone: row.time_zone, start: row.start_at, end: row.end_at, endedEarlyAt: row.ended_early_at },
    ...{ reason: row.reason, kind: row.kind, author: row.author, createdAt: row.created_at },
    ...{ effect: row.effect, approval: row.approval, approver: row.approver, series: row.series },
    ...{ announcedAt: row.announced_at, cancelledAt: row.cancelled_at },
  }));
}
