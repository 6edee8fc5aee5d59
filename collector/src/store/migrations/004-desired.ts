import type { Kysely } from 'kysely';

/** What a gateway's configuration should be, version by version, and what the gateway says about it. */
export async function desired(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('desired_config')
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('settings', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('desired_config_key', ['gateway', 'version'])
    .execute();
  await db.schema
    .createTable('reported_config')
    .addColumn('gateway', 'text', (column) => column.primaryKey().references('gateway.name'))
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .execute();
}
