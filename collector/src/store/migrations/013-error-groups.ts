import { sql, type Kysely } from 'kysely';

/** Errors of the collector by where they come from. */
export async function errorGroups(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('error_group')
    .addColumn('fingerprint', 'text', (column) => column.primaryKey())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addColumn('first_version', 'text', (column) => column.notNull())
    .addColumn('last_version', 'text', (column) => column.notNull())
    .addColumn('example', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('state_by', 'text')
    .addColumn('state_at', 'bigint')
    .addColumn('resolved_version', 'text')
    .addColumn('regressed_at', 'bigint')
    .addCheckConstraint(
      'error_group_state',
      sql`(state IN ('open', 'ignored') AND resolved_version IS NULL)
        OR (state = 'resolved' AND resolved_version IS NOT NULL)`,
    )
    .addCheckConstraint('error_group_count', sql`count > 0`)
    .execute();
  await db.schema
    .createIndex('error_group_last')
    .on('error_group')
    .columns(['last_at', 'fingerprint'])
    .execute();
}
