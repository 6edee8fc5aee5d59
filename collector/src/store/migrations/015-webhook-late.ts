import type { Kysely } from 'kysely';

/** Quarters that changed after they may have been pushed, and how far each receiver has got with them. */
export async function webhookLate(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('late_quarter')
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('start_at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('late_quarter_key', ['gateway', 'start_at'])
    .execute();
  await db.schema.createIndex('late_quarter_changed').on('late_quarter').columns(['changed_at']).execute();
  for (const name of ['corrected_to', 'window_from'])
    await db.schema
      .alterTable('webhook')
      .addColumn(name, 'bigint', (column) => column.notNull().defaultTo(0))
      .execute();
  await db.schema.alterTable('webhook').addColumn('window_to', 'bigint').execute();
}
