import type { Kysely } from 'kysely';

/** Several collectors on one database: who is alive, who runs the timers, and where each gateway is connected. */
export async function cluster(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('collector_instance')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('seen_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('lease')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('until_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.alterTable('gateway').addColumn('instance', 'text').execute();
}
