import { sql, type Kysely } from 'kysely';

/** Intervals that were counted from a bad picture, what was wrong with pictures and when, and audited clips. */
export async function sceneAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('count_interval').addColumn('suspect', 'text').execute();
  // Only suspect intervals stand in it: a report over months looks at nothing else.
  await db.schema
    .createIndex('count_interval_suspect_index')
    .on('count_interval')
    .columns(['gateway', 'camera', 'line', 'start_at'])
    .where(sql<boolean>`suspect IS NOT NULL`)
    .execute();
  await db.schema
    .createTable('scene_edge')
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('camera', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('active', 'text', (column) => column.notNull())
    .addColumn('accepted', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('scene_edge_key', ['gateway', 'epoch', 'seq'])
    .execute();
  await db.schema
    .createTable('audit_clip')
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('camera', 'text', (column) => column.notNull())
    .addColumn('line', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_clip_key', ['gateway', 'epoch', 'seq'])
    .execute();
  await db.schema
    .createIndex('audit_clip_time_index')
    .on('audit_clip')
    .columns(['gateway', 'camera', 'line', 'at'])
    .execute();
}
