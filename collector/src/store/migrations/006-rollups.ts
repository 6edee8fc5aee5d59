import { sql, type Kysely } from 'kysely';
import { isPostgres } from '../dialect.js';

/**
 * Sums of lines and zones by quarter, hour, site day and month, what was not observed of them and why; gateways whose sums are to
 * be made anew; counts that the never-reset totals prove missing.
 */
export async function rollups(db: Kysely<unknown>): Promise<void> {
  await rollupTables(db);
  await zoneTimes(db);
  await db.schema
    .createTable('rollup_rebuild')
    .addColumn('gateway', 'text', (column) => column.primaryKey().references('gateway.name'))
    .addColumn('asked_at', 'bigint', (column) => column.notNull())
    .execute();
  // What is stored already is summed at the next start.
  await sql`INSERT INTO rollup_rebuild (gateway, asked_at) SELECT name, 0 FROM gateway`.execute(db);
  await db.schema
    .createTable('ledger_gap')
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('camera', 'text', (column) => column.notNull())
    .addColumn('line', 'text', (column) => column.notNull())
    .addColumn('from_at', 'bigint', (column) => column.notNull())
    .addColumn('to_at', 'bigint', (column) => column.notNull())
    .addColumn('missing_in', 'integer', (column) => column.notNull())
    .addColumn('missing_out', 'integer', (column) => column.notNull())
    .addColumn('found_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('ledger_gap_key', ['gateway', 'epoch', 'camera', 'line', 'from_at'])
    .addCheckConstraint('ledger_gap_missing', sql`missing_in >= 0 AND missing_out >= 0`)
    .execute();
}

async function rollupTables(db: Kysely<unknown>): Promise<void> {
  // SQLite keeps such a table in the order of its key, so that a range is read in one go.
  const clustered = <T extends { modifyEnd: (end: ReturnType<typeof sql>) => T }>(table: T): T =>
    isPostgres(db) ? table : table.modifyEnd(sql`WITHOUT ROWID`);
  const key = ['kind', 'size', 'gateway', 'start_at', 'camera', 'id'] as const;
  await clustered(
    db.schema
      .createTable('rollup')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('size', 'text', (column) => column.notNull())
      .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
      .addColumn('start_at', 'bigint', (column) => column.notNull())
      .addColumn('camera', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('end_at', 'bigint', (column) => column.notNull())
      .addColumn('in_count', 'integer', (column) => column.notNull())
      .addColumn('out_count', 'integer', (column) => column.notNull())
      .addColumn('stitched', 'integer', (column) => column.notNull())
      .addColumn('observed_ms', 'bigint', (column) => column.notNull())
      .addColumn('covered_ms', 'bigint', (column) => column.notNull())
      .addColumn('spread', 'integer', (column) => column.notNull())
      .addColumn('occupancy_max', 'integer')
      .addColumn('queue_max', 'integer')
      .addColumn('dwell_ms', 'bigint', (column) => column.notNull())
      .addColumn('dwell_visits', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('rollup_key', [...key])
      .addCheckConstraint('rollup_kind', sql`kind IN ('line', 'zone')`)
      .addCheckConstraint('rollup_size', sql`size IN ('quarter', 'hour', 'day', 'month')`)
      .addCheckConstraint('rollup_time', sql`end_at > start_at`),
  ).execute();
  await clustered(
    db.schema
      .createTable('rollup_part')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('size', 'text', (column) => column.notNull())
      .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
      .addColumn('start_at', 'bigint', (column) => column.notNull())
      .addColumn('camera', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('part', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('rollup_part_key', [...key, 'part', 'reason'])
      .addCheckConstraint('rollup_part_part', sql`part IN ('gap', 'suspect')`),
  ).execute();
}

/** Since when a zone is counted and until when, as lines have it. */
async function zoneTimes(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('zone').addColumn('first_at', 'bigint').execute();
  await db.schema.alterTable('zone').addColumn('last_at', 'bigint').execute();
  const intervals = sql`FROM zone_interval AS i WHERE i.gateway = zone.gateway AND i.camera = zone.camera AND i.zone = zone.id`;
  await sql`UPDATE zone SET first_at = (SELECT min(i.start_at) ${intervals}), last_at = (SELECT max(i.end_at) ${intervals})`.execute(
    db,
  );
}
