import type { Kysely } from 'kysely';

/** Where counts are pushed to, and how far each receiver has got. */
export async function webhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhook')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('site', 'text', (column) => column.references('site.name'))
    .addColumn('sealed_secret', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('next_at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('problem', 'text')
    .addColumn('delivered_at', 'bigint')
    .execute();
  await db.schema.createIndex('webhook_due').on('webhook').columns(['due_at']).execute();
}
