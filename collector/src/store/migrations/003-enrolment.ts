import type { Kysely } from 'kysely';

/** Enrolment codes, certificates and device keys of gateways, walk tests with what their signature proves. */
export async function enrolment(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('gateway').addColumn('device_key', 'text').execute();
  await db.schema.alterTable('gateway').addColumn('enrolled_at', 'bigint').execute();
  await db.schema
    .createTable('gateway_certificate')
    .addColumn('serial', 'text', (column) => column.primaryKey())
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('request_sha256', 'text', (column) => column.notNull())
    .addColumn('pem', 'text', (column) => column.notNull())
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('gateway_certificate_gateway')
    .on('gateway_certificate')
    .columns(['gateway', 'issued_at'])
    .execute();
  await db.schema
    .createTable('enrolment_code')
    .addColumn('code_hash', 'text', (column) => column.primaryKey())
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('serial', 'text')
    .execute();
  await db.schema
    .createTable('walk_test')
    .addColumn('gateway', 'text', (column) => column.notNull().references('gateway.name'))
    .addColumn('epoch', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('camera', 'text', (column) => column.notNull())
    .addColumn('line', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint', (column) => column.notNull())
    .addColumn('passed', 'integer', (column) => column.notNull())
    .addColumn('verified', 'integer', (column) => column.notNull())
    .addColumn('problem', 'text')
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('walk_test_key', ['gateway', 'epoch', 'seq'])
    .execute();
}
