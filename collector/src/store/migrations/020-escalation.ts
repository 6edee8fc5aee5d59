import { sql, type Kysely } from 'kysely';

/** How far the paging of an incident has got, with the ladder as it was when it began. */
export async function escalation(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('escalation_state')
    .addColumn('incident', 'text', (column) => column.primaryKey().references('incident.id'))
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('triggered_at', 'bigint', (column) => column.notNull())
    .addColumn('steps', 'text', (column) => column.notNull())
    .addColumn('step', 'integer', (column) => column.notNull().check(sql`step >= 0`))
    .addColumn('loop', 'integer', (column) => column.notNull().check(sql`loop >= 0`))
    .addColumn('climb', 'integer', (column) => column.notNull().check(sql`climb >= 0`))
    .addColumn('base_at', 'bigint', (column) => column.notNull())
    .execute();
}
