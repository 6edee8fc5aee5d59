import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Drill } from '../schema/drills.js';
import type { Queryable } from '../store/store.js';
import type { DrillTables } from '../store/tables-drills.js';
import { DrillRefusedError } from './refused-error.js';

type Row = Selectable<DrillTables['drill']>;

/** A drill whose program has said nothing for so long is over; it was killed (ms). */
const DEAD_AFTER_MS = 10_000;
/** As many as anybody wants to show. */
const LISTED = 200;

/** Begin a drill. @throws DrillRefusedError while another one runs */
export async function beginDrill(
  trx: Queryable,
  { scenario, site, by }: { scenario: string; site: string; by: string },
  now: number,
): Promise<string> {
  const row: Row = {
    ...{ id: randomUUID(), scenario, site, started_by: by, started_at: now, beat_at: now },
    ...{ ended_at: null, outcome: null, incident: null, severity: null, steps: '[]', measures: '[]' },
  };
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('drill')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n)
    throw new DrillRefusedError(
      'another drill runs; wait until it has ended, or for 10 s after it was killed',
    );
  return row.id;
}

/** Say that the drill goes on. */
export async function beat(db: Queryable, id: string, now: number): Promise<void> {
  await db.updateTable('drill').set({ beat_at: now }).where('id', '=', id).execute();
}

/** Drills whose program ended without a goodbye. */
export async function abandonedDrills(db: Queryable, now: number): Promise<Drill[]> {
  const rows = await db
    .selectFrom('drill')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('beat_at', '<', now - DEAD_AFTER_MS)
    .execute();
  return rows.map(drillOf);
}

/** Drills, the newest first. */
export async function listDrills(db: Queryable): Promise<Drill[]> {
  const rows = await db.selectFrom('drill').selectAll().orderBy('started_at', 'desc').limit(LISTED).execute();
  return rows.map(drillOf);
}

/** One that is known to be there. */
export async function readDrill(db: Queryable, id: string): Promise<Drill> {
  return drillOf(await db.selectFrom('drill').selectAll().where('id', '=', id).executeTakeFirstOrThrow());
}

/** Forget drills that ended before a time. @param before UTC ms @returns how many went */
export async function purgeDrills(db: Queryable, before: number): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('drill').where('ended_at', '<', before).executeTakeFirst();
  return Number(numDeletedRows);
}

function drillOf(row: Row): Drill {
  const { id, scenario, site, outcome, incident, severity } = row;
  return {
    ...{ id, scenario, site, outcome, incident, severity },
    ...{ startedBy: row.started_by, startedAt: row.started_at, endedAt: row.ended_at },
    steps: JSON.parse(row.steps) as Drill['steps'],
    measures: JSON.parse(row.measures) as Drill['measures'],
  };
}
