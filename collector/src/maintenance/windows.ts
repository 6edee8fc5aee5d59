import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Span } from '../counts/zone.js';
import type { MaintenanceWindow, NewWindow } from '../schema/maintenance.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable, Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import { covers, type WindowScope } from './covers.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** As the database holds it too. */
const LONGEST_MS = 7 * 24 * HOUR_MS;
/** Who mends what is broken writes it down afterwards; more would be another story about the past (ms). */
const EMERGENCY_BACK_MS = HOUR_MS;

type Row = Tables['maintenance_window'];

/** When a window really ends. */
const realEnd = sql<number>`coalesce(ended_early_at, end_at)`;

/**
 * Plan a window.
 * @returns its id
 * @throws ProblemError 400 for times that may not be, 404 for a site, gateway or camera that there is not
 */
export async function addWindow(
  db: Queryable,
  wanted: NewWindow,
  author: string,
  now: number,
): Promise<string> {
  const { scope, start, end, reason, kind } = wanted;
  const problem = timeProblem(wanted, now);
  if (problem !== undefined) throw new ProblemError(400, problem);
  const id = randomUUID();
  await db
    .insertInto('maintenance_window')
    .values({
      ...{ id, scope, ...(await placeOf(db, wanted)), start_at: start, end_at: end, reason, kind, author },
      ...{ created_at: now, ended_early_at: null },
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

async function placeOf(db: Queryable, wanted: NewWindow): Promise<Pick<Row, 'site' | 'gateway' | 'camera'>> {
  if (wanted.scope === 'site') {
    const site = await db
      .selectFrom('site')
      .select('name')
      .where('name', '=', wanted.site)
      .executeTakeFirst();
    if (site === undefined) throw new ProblemError(404, `site: there is no site "${wanted.site}"`);
    return { site: site.name, gateway: null, camera: null };
  }
  const gateway = await db
    .selectFrom('gateway')
    .select(['name', 'site'])
    .where('name', '=', wanted.gateway)
    .executeTakeFirst();
  if (gateway === undefined) throw new ProblemError(404, `gateway: there is no gateway "${wanted.gateway}"`);
  if (wanted.scope === 'gateway') return { site: gateway.site, gateway: gateway.name, camera: null };
  const camera = await db
    .selectFrom('camera')
    .select('id')
    .where('gateway', '=', gateway.name)
    .where('id', '=', wanted.camera)
    .executeTakeFirst();
  if (camera === undefined)
    throw new ProblemError(404, `camera: gateway "${gateway.name}" has no camera "${wanted.camera}"`);
  return { site: gateway.site, gateway: gateway.name, camera: camera.id };
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
    .where(realEnd, '>', now)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw await refusal(db, id, 'it does not run; delete one that has not begun');
}

/**
 * Take back a window that has not begun.
 * @throws ProblemError 404, or 409 for one that has begun
 */
export async function removeWindow(db: Queryable, id: string, now: number): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('maintenance_window')
    .where('id', '=', id)
    .where('start_at', '>', now)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw await refusal(db, id, 'it has begun; end it early instead');
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
  if (open !== undefined) query = query.where(realEnd, open ? '>' : '<=', now);
  if (after !== undefined)
    query = query.where(sql<boolean>`(w.start_at, w.id) < (${after.start}, ${after.id})`);
  const rows = await query.execute();
  return rows.map((row) => ({
    ...{ id: row.id, scope: row.scope, site: row.site, gateway: row.gateway, camera: row.camera },
    ...{ timeZone: row.time_zone, start: row.start_at, end: row.end_at, endedEarlyAt: row.ended_early_at },
    ...{ reason: row.reason, kind: row.kind, author: row.author, createdAt: row.created_at },
  }));
}

/** A window from its start to its real end, and what it covers. */
export type ScopedSpan = Span & WindowScope;

/** Every window that reaches into a stretch of time, by when it really ended. */
export async function windowsIn(db: Queryable, { start, end }: Span): Promise<ScopedSpan[]> {
  return db
    .selectFrom('maintenance_window')
    .select(['scope', 'site', 'gateway', 'camera', 'start_at as start', realEnd.as('end')])
    .where('start_at', '<', end)
    .where(realEnd, '>', start)
    .execute();
}

/**
 * Why nobody is told of trouble at places where people work now.
 * @param assets by path, site/gateway/camera/line as far as it goes; other paths are covered by no window
 * @returns reasons by path
 */
export async function windowsOver(
  db: Queryable,
  assets: readonly { readonly path: string }[],
  now: number,
): Promise<Map<string, string[]>> {
  const windows = await windowsIn(db, { start: now, end: now + 1 });
  const reasons = new Map<string, string[]>();
  for (const { path } of assets) {
    const [site = '', gateway = '', id = ''] = path.split('/');
    if (windows.some((window) => covers(window, { site, gateway, id }))) reasons.set(path, ['maintenance']);
  }
  return reasons;
}
