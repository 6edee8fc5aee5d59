import { randomUUID } from 'node:crypto';
import type { MaintenanceSeries, NewSeries } from '../schema/maintenance.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable, Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import { placeOf } from './place.js';
import { occurrences } from './recurrence.js';
import { takeBack } from './windows.js';

const DAY_MS = 24 * 3_600_000;
/** Windows of a series are made so far ahead, so that whatever asks for windows need not know of series (ms). */
const AHEAD_MS = 90 * DAY_MS;
/** What does not come at all within so long is a mistake (ms). */
const SEARCH_MS = 800 * DAY_MS;

type Row = Tables['maintenance_series'];

/**
 * Plan a window that comes again, with its windows of the next 90 days.
 * @returns its id
 * @throws ProblemError 400 for one that never comes, 404 for a place that there is not
 */
export async function addSeries(
  trx: Queryable,
  wanted: NewSeries,
  author: string,
  now: number,
): Promise<string> {
  const row: Row = {
    ...{ id: randomUUID(), ...(await columnsOf(trx, wanted, now)), author },
    ...{ created_at: now, built_to: now, ended_at: null },
  };
  await trx.insertInto('maintenance_series').values(row).execute();
  await build(trx, row, now);
  return row.id;
}

/**
 * Change a series: its windows that have not begun are planned anew, also those that somebody took back one by one.
 * @throws ProblemError as {@link addSeries}, and 404 where there is no such series
 */
export async function changeSeries(
  trx: Queryable,
  id: string,
  { wanted, author }: { wanted: NewSeries; author: string },
  now: number,
): Promise<void> {
  const columns = await columnsOf(trx, wanted, now);
  await trx
    .updateTable('maintenance_series')
    .set({ ...columns, author, built_to: now })
    .where('id', '=', (await openSeries(trx, id)).id)
    .execute();
  await takeBack(trx, { series: id }, now);
  await build(trx, await openSeries(trx, id), now);
}

/** End a series: its windows that have not begun are taken back. @throws ProblemError 404 */
export async function endSeries(trx: Queryable, id: string, now: number): Promise<void> {
  await openSeries(trx, id);
  await trx.updateTable('maintenance_series').set({ ended_at: now }).where('id', '=', id).execute();
  await takeBack(trx, { series: id }, now);
}

/** Make the windows that have come within 90 days, of every series. */
export async function buildAllSeries(store: Store, now: number): Promise<void> {
  const all = await store
    .selectFrom('maintenance_series')
    .selectAll()
    .where('ended_at', 'is', null)
    .execute();
  for (const series of all) await store.transaction().execute((trx) => build(trx, series, now));
}

/** Series that have not ended, the oldest first. */
export async function listSeries(db: Queryable, now: number): Promise<MaintenanceSeries[]> {
  const rows = await db
    .selectFrom('maintenance_series as s')
    .selectAll('s')
    .select((select) =>
      select
        .selectFrom('maintenance_window as w')
        .select(({ fn }) => fn.min<number | null>('w.start_at').as('next'))
        .whereRef('w.series', '=', 's.id')
        .where('w.start_at', '>', now)
        .as('next'),
    )
    .where('s.ended_at', 'is', null)
    .orderBy('s.created_at')
    .orderBy('s.id')
    .execute();
  return rows.map((row) => ({
    ...{ id: row.id, scope: row.scope, site: row.site, gateway: row.gateway, camera: row.camera },
    ...{ rule: row.rule, timeZone: row.time_zone, start: row.start, durationMs: row.duration_ms },
    ...{ reason: row.reason, effect: row.effect, author: row.author, createdAt: row.created_at },
    next: row.next,
  }));
}

async function openSeries(db: Queryable, id: string): Promise<Row> {
  const row = await db
    .selectFrom('maintenance_series')
    .selectAll()
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) throw new ProblemError(404, 'there is no such series, or it was ended');
  return row;
}

async function columnsOf(db: Queryable, wanted: NewSeries, now: number) {
  const { rule, timeZone, start, durationMs, reason, effect } = wanted;
  const ahead = occurrences({ rule, timeZone, start }, { start: now, end: now + SEARCH_MS });
  if (ahead.length === 0)
    throw new ProblemError(400, 'rule: never comes again from now on; choose another rule, start or UNTIL');
  return {
    ...{ ...(await placeOf(db, wanted)), rule, time_zone: timeZone, start },
    ...{ duration_ms: durationMs, reason, effect },
  };
}

/** Nothing is planned about the past, also by a collector that was away for long. */
async function build(trx: Queryable, series: Row, now: number): Promise<void> {
  const { id, scope, site, gateway, camera, rule, time_zone: timeZone, start, built_to } = series;
  const { duration_ms, reason, effect, author } = series;
  const to = now + AHEAD_MS;
  const starts = occurrences({ rule, timeZone, start }, { start: Math.max(built_to, now), end: to });
  for (const start_at of starts)
    await trx
      .insertInto('maintenance_window')
      .values({
        ...{ id: randomUUID(), scope, site, gateway, camera, start_at, end_at: start_at + duration_ms },
        ...{ reason, kind: 'planned', effect, author, created_at: now, series: id },
      })
      .onConflict((conflict) => conflict.columns(['series', 'start_at']).doNothing())
      .execute();
  await trx
    .updateTable('maintenance_series')
    .set({ built_to: to })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}
