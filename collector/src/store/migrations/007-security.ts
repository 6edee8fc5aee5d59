import { sql, type Kysely } from 'kysely';
import { isPostgres } from '../dialect.js';

/** Second factor and state of users, where sessions come from, API tokens, and the audit log that cannot be rewritten. */
export async function security(db: Kysely<unknown>): Promise<void> {
  await people(db);
  await tokens(db);
  await auditLog(db);
}

async function people(db: Kysely<unknown>): Promise<void> {
  const alter = (table: string) => db.schema.alterTable(table);
  await alter('user')
    .addColumn('must_change', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await alter('user').addColumn('disabled_at', 'bigint').execute();
  await alter('user').addColumn('totp_secret', 'text').execute();
  await alter('user')
    .addColumn('totp_on', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await alter('user').addColumn('totp_step', 'bigint').execute();
  for (const column of ['created_at', 'seen_at'] as const)
    await alter('session')
      .addColumn(column, 'bigint', (definition) => definition.notNull().defaultTo(0))
      .execute();
  for (const column of ['address', 'browser'] as const)
    await alter('session')
      .addColumn(column, 'text', (definition) => definition.notNull().defaultTo(''))
      .execute();
  // Sessions from before do not know when they were used: people log in again.
  await sql`DELETE FROM session`.execute(db);
  await db.schema
    .createTable('recovery_code')
    .addColumn('code_hash', 'text', (column) => column.primaryKey())
    .addColumn('username', 'text', (column) =>
      column.notNull().references('user.username').onDelete('cascade'),
    )
    .addColumn('used_at', 'bigint')
    .execute();
}

async function tokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('api_token')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addCheckConstraint('api_token_ends', sql`expires_at > created_at`)
    .execute();
}

async function auditLog(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_log')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('object', 'text', (column) => column.notNull())
    .addColumn('result', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('prev_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addCheckConstraint('audit_log_result', sql`result IN ('done', 'refused', 'failed')`)
    .execute();
  // One row: who writes takes it first, so that two collectors make one chain.
  await db.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await sql`INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '')`.execute(db);
  await (isPostgres(db) ? appendOnlyPostgres(db) : appendOnlySqlite(db));
}

async function appendOnlySqlite(db: Kysely<unknown>): Promise<void> {
  for (const event of ['UPDATE', 'DELETE'] as const)
    await sql`CREATE TRIGGER ${sql.raw(`audit_log_no_${event.toLowerCase()}`)} BEFORE ${sql.raw(event)} ON audit_log
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`.execute(db);
}

async function appendOnlyPostgres(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION audit_log_append_only() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''the audit log is append-only''; END'`.execute(db);
  await sql`CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_append_only()`.execute(db);
}
