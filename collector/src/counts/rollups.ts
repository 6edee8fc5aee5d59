import type { Gap, SceneCondition } from '@headcount/shared';
import { sql, type Selectable } from 'kysely';
import { insertRows } from '../store/insert.js';
import type { Queryable, Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import {
  LARGER_SIZES,
  RollupSums,
  type Counted,
  type LargerSize,
  type Rollup,
  type RollupPart,
} from './rollup-rows.js';

/** Rows of one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const ROWS_AT_ONCE = 500;
/** Intervals that are read at once when sums are made anew. */
const PAGE = 5000;
/** Time whose quarters are read at once (ms). */
const STRETCH_MS = 31 * 24 * 3_600_000;
const KEY = ['kind', 'size', 'gateway', 'start_at', 'camera', 'id'] as const;

/**
 * Add intervals to the sums of their quarters, hours and site days. It runs in the transaction that stores the intervals, so
 * that sums and intervals agree at every moment, however late the intervals come.
 */
export async function addToRollups(
  db: Queryable,
  gateway: string,
  counted: readonly Counted[],
): Promise<void> {
  if (counted.length === 0) return;
  const sums = new RollupSums(gateway, await timeZoneOf(db, gateway));
  for (const one of counted) sums.add(one);
  await save(db, sums);
}

/** Ask for the sums of a site's hours and days to be made anew, because its time zone has changed. */
export async function askForRebuild(db: Queryable, site: string, now: number): Promise<void> {
  await db
    .insertInto('rollup_rebuild')
    .columns(['gateway', 'asked_at'])
    .expression((select) =>
      select
        .selectFrom('gateway')
        .select(['name', sql<number>`${now}`.as('asked_at')])
        .where('site', '=', site),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Make the sums anew that were asked for: quarters from the intervals where there are none yet, hours and days from the
 * quarters, which every zone shares.
 * @returns the gateways that were done
 */
export async function rebuildRollups(store: Store): Promise<string[]> {
  const asked = await store.selectFrom('rollup_rebuild').select('gateway').orderBy('gateway').execute();
  for (const { gateway } of asked) {
    await store.transaction().execute(async (trx) => {
      // Holds the row of the gateway, so that no batch of it is stored meanwhile.
      await trx.updateTable('gateway').set({ name: gateway }).where('name', '=', gateway).execute();
      await rebuild(trx, gateway);
      await trx.deleteFrom('rollup_rebuild').where('gateway', '=', gateway).execute();
    });
  }
  return asked.map(({ gateway }) => gateway);
}

async function rebuild(db: Queryable, gateway: string): Promise<void> {
  const [hours, quarters] = [await extentOf(db, gateway, 'hour'), await extentOf(db, gateway, 'quarter')];
  if (hours.coveredMs === null) return fromIntervals(db, gateway);
  // All quarters were forgotten: what is left of them are the larger sums.
  if (quarters.first === null || quarters.last === null) return;
  const whole = hours.coveredMs === quarters.coveredMs;
  for (const size of LARGER_SIZES) {
    // Sums of which quarters are forgotten stay as they are.
    const from = whole ? 0 : await endOfBucketAt(db, { gateway, size, at: quarters.first });
    for (const table of ['rollup', 'rollup_part'] as const)
      await db
        .deleteFrom(table)
        .where('gateway', '=', gateway)
        .where('size', '=', size)
        .where('start_at', '>=', from)
        .execute();
    await fromQuarters(db, { gateway, size, from: Math.max(from, quarters.first), to: quarters.last });
  }
}

/** What the sums of one size reach over (UTC ms) and cover together; null where there are none. */
async function extentOf(
  db: Queryable,
  gateway: string,
  size: 'quarter' | 'hour',
): Promise<{ first: number | null; last: number | null; coveredMs: number | null }> {
  return db
    .selectFrom('rollup')
    .select(({ fn }) => [
      fn.min<number | null>('start_at').as('first'),
      fn.max<number | null>('start_at').as('last'),
      fn.sum<number | null>('covered_ms').as('coveredMs'),
    ])
    .where('kind', 'in', ['line', 'zone'])
    .where('size', '=', size)
    .where('gateway', '=', gateway)
    .executeTakeFirstOrThrow();
}

/** The end of the stored bucket that holds an instant, or the instant where none does. */
async function endOfBucketAt(
  db: Queryable,
  { gateway, size, at }: { gateway: string; size: Rollup['size']; at: number },
): Promise<number> {
  const { end } = await db
    .selectFrom('rollup')
    .select(({ fn }) => fn.max<number | null>('end_at').as('end'))
    .where('kind', 'in', ['line', 'zone'])
    .where('size', '=', size)
    .where('gateway', '=', gateway)
    .where('start_at', '<', at)
    .executeTakeFirstOrThrow();
  return Math.max(at, end ?? at);
}

async function fromIntervals(db: Queryable, gateway: string): Promise<void> {
  for (const read of [readLineIntervals, readZoneIntervals]) {
    let after: IntervalKey = { epoch: '', seq: 0 };
    for (;;) {
      const page = await read(db, gateway, after);
      const last = page.at(-1);
      if (last === undefined) break;
      await addToRollups(
        db,
        gateway,
        page.map(({ counted }) => counted),
      );
      after = last.key;
    }
  }
}

interface IntervalKey {
  readonly epoch: string;
  readonly seq: number;
}

type ReadInterval = { readonly key: IntervalKey; readonly counted: Counted };

/** Rows of one page, in the order of their key. */
function pageAfter<T extends 'count_interval' | 'zone_interval'>(
  db: Queryable,
  table: T,
  { gateway, epoch, seq }: { gateway: string } & IntervalKey,
): Promise<Selectable<Tables[T]>[]> {
  return (db as Store)
    .selectFrom(table as 'count_interval')
    .selectAll()
    .where('gateway', '=', gateway)
    .where(sql<boolean>`(epoch, seq) > (${epoch}, ${seq})`)
    .orderBy('epoch')
    .orderBy('seq')
    .limit(PAGE)
    .execute() as Promise<Selectable<Tables[T]>[]>;
}

async function readLineIntervals(db: Queryable, gateway: string, key: IntervalKey): Promise<ReadInterval[]> {
  const rows = await pageAfter(db, 'count_interval', { gateway, ...key });
  return rows.map((row) => ({
    key: row,
    counted: {
      ...{ kind: 'line', camera: row.camera, id: row.line, start: row.start_at, end: row.end_at },
      ...{ in: row.in_count, out: row.out_count, stitched: row.stitched, observedMs: row.observed_ms },
      ...{ occupancyMax: row.occupancy_max, queueMax: null, dwellMs: 0, dwellVisits: 0 },
      gaps: JSON.parse(row.gaps) as Gap[],
      suspect: JSON.parse(row.suspect ?? '[]') as SceneCondition[],
    },
  }));
}

async function readZoneIntervals(db: Queryable, gateway: string, key: IntervalKey): Promise<ReadInterval[]> {
  const rows = await pageAfter(db, 'zone_interval', { gateway, ...key });
  return rows.map((row) => {
    const { gaps, suspect } = JSON.parse(row.body) as { gaps: Gap[]; suspect?: SceneCondition[] };
    return {
      key: row,
      counted: {
        ...{ kind: 'zone', camera: row.camera, id: row.zone, start: row.start_at, end: row.end_at },
        ...{ in: row.entries, out: row.exits, stitched: 0, observedMs: row.observed_ms },
        ...{ occupancyMax: row.occupancy_max, queueMax: row.queue_max },
        ...{ dwellMs: row.dwell_ms, dwellVisits: row.dwell_visits },
        gaps,
        suspect: suspect ?? [],
      },
    };
  });
}

/** Add quarters from one instant to another, both included, to their hours, days or months. */
async function fromQuarters(
  db: Queryable,
  { gateway, size, from, to }: { gateway: string; size: LargerSize; from: number; to: number },
): Promise<void> {
  const timeZone = await timeZoneOf(db, gateway);
  for (let start = from; start <= to; start += STRETCH_MS) {
    const sums = new RollupSums(gateway, timeZone);
    const quartersIn = (table: 'rollup' | 'rollup_part') =>
      db
        .selectFrom(table)
        .selectAll()
        .where('kind', 'in', ['line', 'zone'])
        .where('size', '=', 'quarter')
        .where('gateway', '=', gateway)
        .where('start_at', '>=', start)
        .where('start_at', '<', start + STRETCH_MS)
        .execute();
    for (const row of (await quartersIn('rollup')) as Rollup[]) sums.addQuarter(size, row);
    for (const part of (await quartersIn('rollup_part')) as RollupPart[]) sums.addQuarterPart(size, part);
    await save(db, sums);
  }
}

async function timeZoneOf(db: Queryable, gateway: string): Promise<string> {
  const row = await db
    .selectFrom('gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select('site.time_zone')
    .where('gateway.name', '=', gateway)
    .executeTakeFirstOrThrow();
  return row.time_zone;
}

async function save(db: Queryable, sums: RollupSums): Promise<void> {
  const { rows, parts } = sums.collected();
  for (const some of chunks(rows))
    await insertRows(db, 'rollup', some, (insert) =>
      insert.onConflict((conflict) => conflict.columns([...KEY]).doUpdateSet(ADDITION)),
    );
  for (const some of chunks(parts))
    await insertRows(db, 'rollup_part', some, (insert) =>
      insert.onConflict((conflict) =>
        conflict.columns([...KEY, 'part', 'reason']).doUpdateSet({ ms: sql`rollup_part.ms + excluded.ms` }),
      ),
    );
}

const grown = (column: string) =>
  sql<number>`${sql.ref(`rollup.${column}`)} + ${sql.ref(`excluded.${column}`)}`;

function largest(column: string) {
  const [old, more] = [sql.ref(`rollup.${column}`), sql.ref(`excluded.${column}`)];
  return sql<number>`CASE WHEN ${old} IS NULL OR ${more} > ${old} THEN ${more} ELSE ${old} END`;
}

/** What an upsert does to a row that is there. */
const ADDITION = {
  in_count: grown('in_count'),
  out_count: grown('out_count'),
  stitched: grown('stitched'),
  observed_ms: grown('observed_ms'),
  covered_ms: grown('covered_ms'),
  dwell_ms: grown('dwell_ms'),
  dwell_visits: grown('dwell_visits'),
  spread: largest('spread'),
  occupancy_max: largest('occupancy_max'),
  queue_max: largest('queue_max'),
};

function chunks<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / ROWS_AT_ONCE);
  return Array.from({ length: count }, (_, index) =>
    all.slice(index * ROWS_AT_ONCE, (index + 1) * ROWS_AT_ONCE),
  );
}
