import type { Kysely } from 'kysely';

/** Zones with their intervals and capacity edges, directions and entrances of lines, closing time of sites. */
export async function zones(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('site').addColumn('closing_time', 'text').execute();
  await db.schema
    .alterTable('line')
    .addColumn('entrance', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable('line')
    .addColumn('name_in', 'text', (column) => column.notNull().defaultTo('in'))
    .execute();
  await db.schema
    .alterTable('line')
    .addColumn('name_out', 'text', (column) => column.notNull().defaultTo('out'))
    .execute();
  await db.schema
    .alterTable('count_interval')
    .addColumn('stitched', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable('zone')
    .addColumn('gateway', 'text', (column) => column.notNull())
    .addColumn('camera', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('capacity', 'integer')
    .addColumn('present', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('zone_key', ['gateway', 'camera', 'id'])
    .execute();
  await db.schema
    .createTable('zone_interval')
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('camera', 'text', (column) => column.notNull())
    .addColumn('zone', 'text', (column) => column.notNull())
    .addColumn('start_at', 'bigint', (column) => column.notNull())
    .addColumn('end_at', 'bigint', (column) => column.notNull())
    .addColumn('entries', 'integer', (column) => column.notNull())
    .addColumn('exits', 'integer', (column) => column.notNull())
    .addColumn('occupancy_max', 'integer')
    .addColumn('queue_max', 'integer')
    .addColumn('dwell_ms', 'bigint', (column) => column.notNull())
    .addColumn('dwell_visits', 'integer', (column) => column.notNull())
    .addColumn('observed_ms', 'integer', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('zone_interval_key', ['gateway', 'epoch', 'seq'])
    .execute();
  await db.schema
    .createIndex('zone_interval_time_index')
    .on('zone_interval')
    .columns(['gateway', 'camera', 'zone', 'start_at'])
    .execute();
  await db.schema
    .createTable('zone_edge')
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('camera', 'text', (column) => column.notNull())
    .addColumn('zone', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('over', 'integer', (column) => column.notNull())
    .addColumn('occupancy', 'integer', (column) => column.notNull())
    .addColumn('capacity', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('zone_edge_key', ['gateway', 'epoch', 'seq'])
    .execute();
}
