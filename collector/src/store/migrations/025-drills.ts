import { sql, type Kysely } from 'kysely';

/** Drills, with their times. One runs at a time. */
export async function drills(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('drill')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('scenario', 'text', (column) => column.notNull())
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('started_by', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('beat_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('outcome', 'text', (column) => column.check(sql`outcome IN ('kept', 'missed', 'broken-off')`))
    .addColumn('incident', 'text')
    .addColumn('severity', 'text')
    .addColumn('steps', 'text', (column) => column.notNull())
    .addColumn('measures', 'text', (column) => column.notNull())
    .addCheckConstraint('drill_end', sql`(ended_at IS NULL) = (outcome IS NULL)`)
    .execute();
  await sql`CREATE UNIQUE INDEX drill_running ON drill ((ended_at IS NULL)) WHERE ended_at IS NULL`.execute(
    db,
  );
}
