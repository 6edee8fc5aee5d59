import { sql, type Kysely } from 'kysely';

const NUMBERS = ['good', 'bad', 'unknown', 'maintenance'] as const;

/** How well promises were kept, in buckets of five minutes. */
export async function slo(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable('slo_bucket')
    .addColumn('slo', 'text', (column) => column.notNull())
    .addColumn('bucket_at', 'bigint', (column) => column.notNull());
  for (const number of NUMBERS) table = table.addColumn(number, 'bigint', (column) => column.notNull());
  await table
    .addPrimaryKeyConstraint('slo_bucket_key', ['slo', 'bucket_at'])
    .addCheckConstraint(
      'slo_bucket_numbers',
      sql`good >= 0 AND bad >= 0 AND unknown >= 0 AND maintenance >= 0`,
    )
    .execute();
}
