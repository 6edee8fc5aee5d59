import { sql, type Kysely } from 'kysely';
import { isPostgres } from '../dialect.js';

/** Alerts with their events, what people changed of the rules, and what Alertmanager says. */
export async function alerts(db: Kysely<unknown>): Promise<void> {
  await ruleTable(db);
  await alertTable(db);
  await eventTable(db);
  await externalTable(db);
  await signalIndexes(db);
  await (isPostgres(db) ? guardPostgres(db) : guardSqlite(db));
}

async function ruleTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alert_rule')
    .addColumn('slug', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull().check(sql`version >= 1`))
    .addColumn('override', 'text', (column) => column.notNull())
    .addColumn('author', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('alert_rule_key', ['slug', 'version'])
    .execute();
}

/** What belongs to each state; a row that says anything else is refused. */
const STATES = sql`CASE state
  WHEN 'pending' THEN fired_at IS NULL AND clearing_at IS NULL AND resolved_at IS NULL AND resolve_reason IS NULL AND announced_at IS NULL
  WHEN 'firing' THEN fired_at IS NOT NULL AND clearing_at IS NULL AND resolved_at IS NULL AND resolve_reason IS NULL
  WHEN 'clearing' THEN fired_at IS NOT NULL AND clearing_at IS NOT NULL AND resolved_at IS NULL AND resolve_reason IS NULL
  WHEN 'resolved' THEN fired_at IS NOT NULL AND resolved_at IS NOT NULL
    AND COALESCE(resolve_reason IN ('auto', 'stale', 'manual', 'rule_removed'), false)
  ELSE false END`;

async function alertTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alert')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('rule_version', 'integer', (column) => column.notNull())
    .addColumn('condition', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) =>
      column.notNull().check(sql`severity IN ('critical', 'high', 'medium', 'low')`),
    )
    .addColumn('asset_kind', 'text', (column) => column.notNull())
    .addColumn('asset_path', 'text', (column) => column.notNull())
    .addColumn('asset_name', 'text', (column) => column.notNull())
    .addColumn('dedup_key', 'text', (column) => column.notNull())
    .addColumn('group_key', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('runbook', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('value', 'double precision')
    .addColumn('unit', 'text', (column) => column.notNull())
    .addColumn('threshold', 'double precision', (column) => column.notNull())
    .addColumn('first_true_at', 'bigint', (column) => column.notNull())
    .addColumn('fired_at', 'bigint')
    .addColumn('clearing_at', 'bigint')
    .addColumn('resolved_at', 'bigint')
    .addColumn('resolve_reason', 'text')
    .addColumn('due_at', 'bigint')
    .addColumn('suppressed_by', 'text', (column) => column.notNull())
    .addColumn('announced_at', 'bigint')
    .addColumn('unknown_since', 'bigint')
    .addColumn('no_data_since', 'bigint')
    .addColumn('flaps', 'text', (column) => column.notNull())
    .addCheckConstraint('alert_state', STATES)
    .execute();
  await db.schema
    .createIndex('alert_open')
    .on('alert')
    .column('dedup_key')
    .unique()
    .where(sql<boolean>`state <> 'resolved'`)
    .execute();
  await db.schema.createIndex('alert_due').on('alert').columns(['state', 'due_at']).execute();
  await db.schema.createIndex('alert_fired').on('alert').columns(['fired_at']).execute();
  await db.schema.createIndex('alert_key').on('alert').columns(['dedup_key', 'fired_at']).execute();
}

async function eventTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alert_event')
    .addColumn('alert_id', 'text', (column) => column.notNull().references('alert.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('alert_event_key', ['alert_id', 'seq'])
    .execute();
}

async function externalTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alert_external')
    .addColumn('fingerprint', 'text', (column) => column.primaryKey())
    .addColumn('firing', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('asset', 'text', (column) => column.notNull())
    .addColumn('runbook', 'text', (column) => column.notNull())
    .addColumn('starts_at', 'bigint', (column) => column.notNull())
    .addColumn('ends_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
}

/** What the signals look for in tables that grow. */
async function signalIndexes(db: Kysely<unknown>): Promise<void> {
  // How often a camera came into a state within a time: the index alone answers.
  await db.schema
    .createIndex('camera_edge_state')
    .on('camera_edge')
    .columns(['gateway', 'camera', 'state', 'at'])
    .execute();
  await db.schema.createIndex('audit_log_time').on('audit_log').columns(['at']).execute();
  await db.schema.createIndex('ledger_gap_found').on('ledger_gap').columns(['found_at']).execute();
  await db.schema.createIndex('dead_letter_time').on('dead_letter').columns(['at']).execute();
}

/** Moves that no alert makes: nothing comes back from resolved, and nothing begins, clears or ends unfired. */
const ILLEGAL_MOVE = sql`OLD.state = 'resolved'
  OR (OLD.state = 'pending' AND NEW.state NOT IN ('pending', 'firing'))
  OR (OLD.state IN ('firing', 'clearing') AND NEW.state = 'pending')`;
/** A pending alert leaves no trace when its condition passes; one that fired stays. */
const MOVE_MESSAGE = 'an alert cannot make this move';
const KEPT_MESSAGE = 'an alert that has fired is kept';

async function guardSqlite(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TRIGGER alert_moves BEFORE UPDATE ON alert WHEN ${ILLEGAL_MOVE}
    BEGIN SELECT RAISE(ABORT, ${sql.lit(MOVE_MESSAGE)}); END`.execute(db);
  await sql`CREATE TRIGGER alert_begins BEFORE INSERT ON alert WHEN NEW.state <> 'pending'
    BEGIN SELECT RAISE(ABORT, ${sql.lit(MOVE_MESSAGE)}); END`.execute(db);
  await sql`CREATE TRIGGER alert_kept BEFORE DELETE ON alert WHEN OLD.state <> 'pending'
    BEGIN SELECT RAISE(ABORT, ${sql.lit(KEPT_MESSAGE)}); END`.execute(db);
  for (const table of ['alert_event', 'alert_rule'])
    for (const event of ['UPDATE', 'DELETE'])
      await sql`CREATE TRIGGER ${sql.raw(`${table}_no_${event.toLowerCase()}`)} BEFORE ${sql.raw(event)} ON ${sql.table(table)}
        BEGIN SELECT RAISE(ABORT, ${sql.lit(`${table} is append-only`)}); END`.execute(db);
}

async function guardPostgres(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION alert_moves() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''${sql.raw(MOVE_MESSAGE)}''; END'`.execute(db);
  await sql`CREATE TRIGGER alert_moves BEFORE UPDATE ON alert
    FOR EACH ROW WHEN (${ILLEGAL_MOVE}) EXECUTE FUNCTION alert_moves()`.execute(db);
  await sql`CREATE TRIGGER alert_begins BEFORE INSERT ON alert
    FOR EACH ROW WHEN (NEW.state <> 'pending') EXECUTE FUNCTION alert_moves()`.execute(db);
  await sql`CREATE FUNCTION alert_kept() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''${sql.raw(KEPT_MESSAGE)}''; END'`.execute(db);
  await sql`CREATE TRIGGER alert_kept BEFORE DELETE ON alert
    FOR EACH ROW WHEN (OLD.state <> 'pending') EXECUTE FUNCTION alert_kept()`.execute(db);
  await sql`CREATE FUNCTION alert_append_only() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''% is append-only'', TG_TABLE_NAME; END'`.execute(db);
  for (const table of ['alert_event', 'alert_rule'])
    await sql`CREATE TRIGGER ${sql.raw(`${table}_append_only`)} BEFORE UPDATE OR DELETE OR TRUNCATE ON ${sql.table(table)}
      FOR EACH STATEMENT EXECUTE FUNCTION alert_append_only()`.execute(db);
}
