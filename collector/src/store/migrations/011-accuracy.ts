import { sql, type Kysely } from 'kysely';

/** Audits by a live tally or an imported count, and what finds out that a camera was moved. */
export async function accuracy(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accuracy_audit')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('camera', 'text', (column) => column.notNull())
    .addColumn('line', 'text', (column) => column.notNull())
    .addColumn('from_at', 'bigint', (column) => column.notNull())
    .addColumn('to_at', 'bigint', (column) => column.notNull())
    .addColumn('method', 'text', (column) => column.notNull().check(sql`method IN ('live', 'import')`))
    .addColumn('truth_in', 'integer', (column) => column.notNull().check(sql`truth_in >= 0`))
    .addColumn('truth_out', 'integer', (column) => column.notNull().check(sql`truth_out >= 0`))
    .addColumn('minutes', 'text')
    .addColumn('light', 'text', (column) =>
      column.check(sql`light IN ('day', 'dusk', 'night', 'artificial')`),
    )
    .addColumn('density', 'text', (column) => column.check(sql`density IN ('low', 'medium', 'high')`))
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('auditor', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('parts', 'text')
    .addColumn('ai_in', 'integer')
    .addColumn('ai_out', 'integer')
    .addColumn('model_hash', 'text')
    .addColumn('config_version', 'text')
    .addCheckConstraint(
      'accuracy_audit_span',
      sql`to_at > from_at AND from_at % 60000 = 0 AND to_at % 60000 = 0`,
    )
    .execute();
  await db.schema
    .createIndex('accuracy_audit_line')
    .on('accuracy_audit')
    .columns(['gateway', 'camera', 'line', 'from_at'])
    .execute();
  await db.schema.createIndex('accuracy_audit_time').on('accuracy_audit').columns(['from_at']).execute();
  await db.schema
    .createIndex('scene_edge_time')
    .on('scene_edge')
    .columns(['gateway', 'camera', 'at'])
    .execute();
  // Few: a person looked at a picture and took it.
  await db.schema
    .createIndex('scene_edge_accepted')
    .on('scene_edge')
    .columns(['at'])
    .where(sql<boolean>`accepted = 1`)
    .execute();
}
