import { sql, type Kysely } from 'kysely';

/** Windows in which people work on a site, a gateway or a camera, so that what is down then is no failure. */
export async function maintenance(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('maintenance_window')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('site', 'text', (column) => column.notNull().references('site.name'))
    .addColumn('gateway', 'text', (column) => column.references('gateway.name'))
    .addColumn('camera', 'text')
    .addColumn('start_at', 'bigint', (column) => column.notNull())
    .addColumn('end_at', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_early_at', 'bigint')
    .addCheckConstraint('maintenance_window_kind', sql`kind IN ('planned', 'emergency')`)
    .addCheckConstraint(
      'maintenance_window_scope',
      sql`(scope = 'site' AND gateway IS NULL AND camera IS NULL)
        OR (scope = 'gateway' AND gateway IS NOT NULL AND camera IS NULL)
        OR (scope = 'camera' AND gateway IS NOT NULL AND camera IS NOT NULL)`,
    )
    // Seven days.
    .addCheckConstraint('maintenance_window_time', sql`end_at > start_at AND end_at - start_at <= 604800000`)
    .addCheckConstraint(
      'maintenance_window_early',
      sql`ended_early_at IS NULL OR (ended_early_at >= start_at AND ended_early_at < end_at)`,
    )
    .execute();
}
