import { sql, type Kysely } from 'kysely';

/** Silences; windows that a second person approves, that come again, that leave incidents be, and that are announced. */
export async function silences(db: Kysely<unknown>): Promise<void> {
  await silence(db);
  await series(db);
  await windows(db);
}

async function silence(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('silence')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('rule', 'text')
    .addColumn('path', 'text')
    .addColumn('until_at', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('unmatched_since', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('end_reason', 'text', (column) => column.check(sql`end_reason IN ('manual', 'unmatched')`))
    .addColumn('ended_by', 'text')
    .addCheckConstraint('silence_matcher', sql`rule IS NOT NULL OR path IS NOT NULL`)
    // Seven days.
    .addCheckConstraint('silence_time', sql`until_at > created_at AND until_at - created_at <= 604800000`)
    .addCheckConstraint(
      'silence_end',
      sql`(ended_at IS NULL) = (end_reason IS NULL) AND (ended_at IS NULL OR ended_at >= created_at)
        AND (ended_by IS NOT NULL) = (end_reason IS NOT NULL AND end_reason = 'manual')`,
    )
    .execute();
  await db.schema.createIndex('silence_until').on('silence').columns(['until_at']).execute();
}

async function series(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('maintenance_series')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('site', 'text', (column) => column.notNull().references('site.name'))
    .addColumn('gateway', 'text', (column) => column.references('gateway.name'))
    .addColumn('camera', 'text')
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('time_zone', 'text', (column) => column.notNull())
    .addColumn('start', 'text', (column) => column.notNull())
    // A day: what is longer needs an approval each time, and so is planned each time.
    .addColumn('duration_ms', 'bigint', (column) =>
      column.notNull().check(sql`duration_ms BETWEEN 60000 AND 86400000`),
    )
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('effect', 'text', (column) => column.notNull().check(sql`effect IN ('page', 'create')`))
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('built_to', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addCheckConstraint(
      'maintenance_series_scope',
      sql`(scope = 'site' AND gateway IS NULL AND camera IS NULL)
        OR (scope = 'gateway' AND gateway IS NOT NULL AND camera IS NULL)
        OR (scope = 'camera' AND gateway IS NOT NULL AND camera IS NOT NULL)`,
    )
    .execute();
}

/** Windows that are there already stand as they are, however long. */
async function windows(db: Kysely<unknown>): Promise<void> {
  const alter = db.schema.alterTable('maintenance_window');
  await alter
    .addColumn('effect', 'text', (column) =>
      column
        .notNull()
        .defaultTo('create')
        .check(sql`effect IN ('page', 'create')`),
    )
    .execute();
  await alter
    .addColumn('approval', 'text', (column) =>
      column
        .notNull()
        .defaultTo('none')
        .check(sql`approval IN ('none', 'waiting', 'approved')`),
    )
    .execute();
  await alter
    .addColumn('approver', 'text', (column) =>
      column.check(
        sql`(approver IS NOT NULL) = (approval = 'approved') AND (approver IS NULL OR approver <> author)`,
      ),
    )
    .execute();
  await alter
    .addColumn('approved_at', 'bigint', (column) =>
      column.check(sql`(approved_at IS NOT NULL) = (approval = 'approved')`),
    )
    .execute();
  await alter.addColumn('series', 'text', (column) => column.references('maintenance_series.id')).execute();
  await alter.addColumn('announced_at', 'bigint').execute();
  await alter.addColumn('begin_told_at', 'bigint').execute();
  await alter.addColumn('end_told_at', 'bigint').execute();
  await alter.addColumn('cancelled_at', 'bigint').execute();
  await db.schema
    .createIndex('maintenance_window_series')
    .on('maintenance_window')
    .columns(['series', 'start_at'])
    .unique()
    .execute();
  await db.schema
    .createIndex('maintenance_window_end')
    .on('maintenance_window')
    .columns(['end_at'])
    .execute();
}
