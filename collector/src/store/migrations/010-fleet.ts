import type { Kysely } from 'kysely';

/**
 * When sites are open, passwords that overlap while one replaces the other, camera presets, and changes that go to a few
 * gateways first.
 */
export async function fleet(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('site').addColumn('opening_hours', 'text').execute();
  await db.schema
    .alterTable('site')
    .addColumn('closures', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();
  await db.schema.alterTable('gateway').addColumn('old_secret_hash', 'text').execute();
  await db.schema.alterTable('gateway').addColumn('old_secret_until', 'bigint').execute();
  await db.schema
    .alterTable('desired_config')
    .addColumn('note', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema.alterTable('desired_config').addColumn('sent', 'text').execute();
  await db.schema
    .createTable('camera_preset')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await rollouts(db);
}

async function rollouts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rollout')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('soak_ms', 'bigint', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .addColumn('soaked_at', 'bigint')
    .execute();
  await db.schema.createIndex('rollout_state').on('rollout').columns(['state']).execute();
  await db.schema
    .createTable('rollout_gateway')
    .addColumn('rollout', 'text', (column) => column.notNull().references('rollout.id').onDelete('cascade'))
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('canary', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('settings', 'text', (column) => column.notNull())
    .addColumn('before_version', 'integer')
    .addColumn('version', 'integer')
    .addColumn('streaming_before', 'integer')
    .addColumn('problem', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('rollout_gateway_pk', ['rollout', 'gateway'])
    .execute();
}
