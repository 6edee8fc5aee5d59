import { sql } from 'kysely';
import type { Store } from '../store/store.js';

/** Rows that one statement deletes: the database is free for gateways between two of them. */
const ROWS_AT_ONCE = 5000;

/** From when on what is kept (UTC ms); sums of hours and days are kept for ever. */
export interface Keep {
  readonly minutes: number;
  readonly quarters: number;
  readonly events: number;
}

/** Tables that are cut, by which column. */
const TABLES = [
  { table: 'count_interval', column: 'start_at', keep: 'minutes' },
  { table: 'zone_interval', column: 'start_at', keep: 'minutes' },
  { table: 'camera_edge', column: 'at', keep: 'events' },
  { table: 'scene_edge', column: 'at', keep: 'events' },
  { table: 'zone_edge', column: 'at', keep: 'events' },
  { table: 'gateway_event', column: 'at', keep: 'events' },
] as const;

/**
 * Forget what is older than it is kept. Intervals whose sums are still to be made stay.
 * @returns rows deleted, by table
 */
export async function purgeCounts(store: Store, keep: Keep): Promise<Record<string, number>> {
  const waiting = await store.selectFrom('rollup_rebuild').select('gateway').limit(1).executeTakeFirst();
  if (waiting !== undefined) return {};
  const purged: Record<string, number> = {};
  for (const { table, column, keep: kind } of TABLES) {
    const old = sql`SELECT gateway, epoch, seq FROM ${sql.table(table)} WHERE ${sql.ref(column)} < ${keep[kind]} LIMIT ${sql.lit(ROWS_AT_ONCE)}`;
    purged[table] = await repeat(
      store,
      sql`DELETE FROM ${sql.table(table)} WHERE (gateway, epoch, seq) IN (${old})`,
    );
  }
  for (const table of ['rollup', 'rollup_part'] as const) {
    const { numDeletedRows } = await store
      .deleteFrom(table)
      .where('kind', 'in', ['line', 'zone'])
      .where('size', '=', 'quarter')
      .where('start_at', '<', keep.quarters)
      .executeTakeFirst();
    purged[table] = Number(numDeletedRows);
  }
  return purged;
}

async function repeat(store: Store, statement: ReturnType<typeof sql>): Promise<number> {
  let total = 0;
  for (;;) {
    const { numAffectedRows = 0n } = await statement.execute(store);
    total += Number(numAffectedRows);
    if (numAffectedRows < BigInt(ROWS_AT_ONCE)) return total;
  }
}
