import { sql, type ColumnDefinitionBuilder, type Kysely } from 'kysely';
import { isPostgres } from '../dialect.js';

const required = (column: ColumnDefinitionBuilder) => column.notNull();
const SEVERITY = sql`severity IN ('critical', 'high', 'medium', 'low')`;
/** Every move that there is, as "from to". */
const MOVES = [
  'triggered acknowledged',
  'triggered resolved',
  'triggered merged',
  'acknowledged triggered',
  'acknowledged mitigated',
  'acknowledged resolved',
  'mitigated triggered',
  'mitigated resolved',
  'resolved triggered',
  'resolved closed',
  'merged triggered',
];
/** What of a closed incident never changes again; its timeline may grow. */
const FIXED = [
  ...['group_key', 'title_en', 'title_vi', 'severity', 'since_at', 'started_at', 'acked_at', 'mitigated_at'],
  ...['resolved_at', 'closed_at', 'resolve_reason', 'impact'],
];

/** Incidents: what a person must act on, its timeline, its timers, and what was learnt from it. */
export async function incidents(db: Kysely<unknown>): Promise<void> {
  await incident(db);
  await parts(db);
  await timers(db);
  await reviews(db);
  await refusals(db);
}

async function incident(db: Kysely<unknown>): Promise<void> {
  // One row: who opens an incident takes it first, so that numbers count up and a group has one open incident.
  await db.schema
    .createTable('incident_head')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('number', 'integer', required)
    .execute();
  await sql`INSERT INTO incident_head (id, number) VALUES (1, 0)`.execute(db);
  await db.schema
    .createTable('incident')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('number', 'integer', (column) => column.notNull().unique())
    .addColumn('group_key', 'text')
    .addColumn('title_en', 'text', required)
    .addColumn('title_vi', 'text', required)
    .addColumn('severity', 'text', (column) => column.notNull().check(SEVERITY))
    .addColumn('status', 'text', required)
    .addColumn('asset_kind', 'text')
    .addColumn('asset_path', 'text')
    .addColumn('asset_name', 'text')
    .addColumn('time_zone', 'text', required)
    .addColumn('runbook', 'text', required)
    .addColumn('opened_by', 'text', required)
    .addColumn('since_at', 'bigint', required)
    .addColumn('started_at', 'bigint', required)
    .addColumn('triggered_at', 'bigint', required)
    .addColumn('acked_at', 'bigint')
    .addColumn('holder', 'text')
    .addColumn('mitigated_at', 'bigint')
    .addColumn('resolved_at', 'bigint')
    .addColumn('resolve_reason', 'text')
    .addColumn('closed_at', 'bigint')
    .addColumn('merged_into', 'text', (column) => column.references('incident.id'))
    .addColumn('merged_at', 'bigint')
    .addColumn('reopen_of', 'text', (column) => column.references('incident.id'))
    .addColumn('impact', 'text')
    .addColumn('event_seq', 'integer', required)
    .addColumn('event_hash', 'text', required)
    .addCheckConstraint('incident_id', sql`id = 'INC-' || number`)
    .addCheckConstraint(
      'incident_status',
      sql`status IN ('triggered', 'acknowledged', 'mitigated', 'resolved', 'closed', 'merged')`,
    )
    .addCheckConstraint(
      'incident_acknowledged',
      sql`status <> 'acknowledged' OR (acked_at IS NOT NULL AND holder IS NOT NULL)`,
    )
    .addCheckConstraint('incident_mitigated', sql`status <> 'mitigated' OR mitigated_at IS NOT NULL`)
    .addCheckConstraint(
      'incident_resolved',
      sql`(status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL) AND (resolved_at IS NULL) = (resolve_reason IS NULL)
        AND resolve_reason <> ''`,
    )
    .addCheckConstraint('incident_closed', sql`(status = 'closed') = (closed_at IS NOT NULL)`)
    .addCheckConstraint(
      'incident_merged',
      sql`(status = 'merged') = (merged_into IS NOT NULL) AND (merged_into IS NULL) = (merged_at IS NULL) AND merged_into <> id`,
    )
    .addCheckConstraint('incident_order', sql`started_at >= since_at AND triggered_at >= started_at`)
    .execute();
  await db.schema
    .createIndex('incident_open_group')
    .unique()
    .on('incident')
    .columns(['group_key'])
    .where(sql<boolean>`status IN ('triggered', 'acknowledged', 'mitigated')`)
    .execute();
  await db.schema.createIndex('incident_group').on('incident').columns(['group_key', 'number']).execute();
  await db.schema
    .createIndex('incident_status_number')
    .on('incident')
    .columns(['status', 'number'])
    .execute();
  await db.schema.createIndex('incident_started').on('incident').columns(['started_at']).execute();
  await db.schema.createIndex('incident_parent').on('incident').columns(['merged_into']).execute();
}

async function parts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('incident_alert')
    .addColumn('incident', 'text', (column) => column.notNull().references('incident.id'))
    .addColumn('alert', 'text', required)
    .addColumn('rule', 'text', required)
    .addColumn('severity', 'text', (column) => column.notNull().check(SEVERITY))
    .addColumn('title_en', 'text', required)
    .addColumn('title_vi', 'text', required)
    .addColumn('asset_kind', 'text', required)
    .addColumn('asset_path', 'text', required)
    .addColumn('fired_at', 'bigint', required)
    .addColumn('linked_at', 'bigint', required)
    .addColumn('resolved_at', 'bigint')
    .addColumn('unlinked_at', 'bigint')
    .addColumn('moved_from', 'text', (column) => column.references('incident.id'))
    .addPrimaryKeyConstraint('incident_alert_key', ['incident', 'alert'])
    .execute();
  await db.schema
    .createIndex('incident_alert_once')
    .unique()
    .on('incident_alert')
    .columns(['alert'])
    .where(sql<boolean>`unlinked_at IS NULL`)
    .execute();
  await db.schema
    .createTable('incident_event')
    .addColumn('incident', 'text', (column) => column.notNull().references('incident.id'))
    .addColumn('seq', 'integer', required)
    .addColumn('at', 'bigint', required)
    .addColumn('actor', 'text', required)
    .addColumn('channel', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('text', 'text', required)
    .addColumn('data', 'text', required)
    .addColumn('prev_hash', 'text', required)
    .addColumn('hash', 'text', required)
    .addPrimaryKeyConstraint('incident_event_key', ['incident', 'seq'])
    .execute();
  await db.schema
    .createTable('incident_step')
    .addColumn('incident', 'text', (column) => column.notNull().references('incident.id'))
    .addColumn('position', 'integer', required)
    .addColumn('text_en', 'text', required)
    .addColumn('text_vi', 'text', required)
    .addColumn('done_at', 'bigint')
    .addColumn('done_by', 'text')
    .addPrimaryKeyConstraint('incident_step_key', ['incident', 'position'])
    .addCheckConstraint('incident_step_done', sql`(done_at IS NULL) = (done_by IS NULL)`)
    .execute();
}

async function timers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('incident_timer')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('incident', 'text', (column) => column.notNull().references('incident.id'))
    .addColumn('kind', 'text', (column) =>
      column
        .notNull()
        .check(
          sql`kind IN ('ack_due', 'ack_lease', 'escalate', 'update_due', 'resolve_due', 'auto_resolve', 'auto_close', 'review_due')`,
        ),
    )
    .addColumn('due_at', 'bigint', required)
    .addColumn('fired_at', 'bigint')
    .addColumn('cancelled_at', 'bigint')
    .addCheckConstraint('incident_timer_end', sql`fired_at IS NULL OR cancelled_at IS NULL`)
    .execute();
  const waits = sql<boolean>`fired_at IS NULL AND cancelled_at IS NULL`;
  await db.schema
    .createIndex('incident_timer_once')
    .unique()
    .on('incident_timer')
    .columns(['incident', 'kind'])
    .where(waits)
    .execute();
  await db.schema
    .createIndex('incident_timer_due')
    .on('incident_timer')
    .columns(['due_at'])
    .where(waits)
    .execute();
}

async function reviews(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('review')
    .addColumn('incident', 'text', (column) => column.primaryKey().references('incident.id'))
    .addColumn('status', 'text', (column) =>
      column.notNull().check(sql`status IN ('draft', 'in_review', 'reviewed', 'closed', 'waived')`),
    )
    .addColumn('owner', 'text')
    .addColumn('summary', 'text', required)
    .addColumn('root_cause', 'text', required)
    .addColumn('contributing', 'text', required)
    .addColumn('went_well', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('changed_at', 'bigint', required)
    .addColumn('submitted_by', 'text')
    .addColumn('reviewed_by', 'text')
    .addColumn('waived_reason', 'text')
    .addCheckConstraint('review_waived', sql`(status = 'waived') = (waived_reason IS NOT NULL)`)
    .addCheckConstraint(
      'review_four_eyes',
      sql`status NOT IN ('reviewed', 'closed') OR (submitted_by IS NOT NULL AND reviewed_by IS NOT NULL AND submitted_by <> reviewed_by)`,
    )
    .execute();
  await db.schema
    .createTable('action_item')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('incident', 'text', (column) => column.notNull().references('review.incident'))
    .addColumn('text', 'text', required)
    .addColumn('owner', 'text', required)
    .addColumn('due_at', 'bigint', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('done_at', 'bigint')
    .addColumn('done_by', 'text')
    .addColumn('verified_at', 'bigint')
    .addColumn('verified_by', 'text')
    .addCheckConstraint('action_item_done', sql`(done_at IS NULL) = (done_by IS NULL)`)
    .addCheckConstraint(
      'action_item_verified',
      sql`(verified_at IS NULL) = (verified_by IS NULL) AND (verified_by IS NULL OR
        (done_by IS NOT NULL AND verified_by <> done_by AND verified_by <> owner))`,
    )
    .execute();
  await db.schema.createIndex('action_item_incident').on('action_item').columns(['incident']).execute();
}

/** What a CHECK cannot say, because it looks at what was there before. */
async function refusals(db: Kysely<unknown>): Promise<void> {
  if (isPostgres(db))
    await sql`CREATE FUNCTION incident_refuse() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RAISE EXCEPTION ''%'', TG_ARGV[0]; END'`.execute(db);
  const moves = MOVES.map((move) => `'${move}'`).join(', ');
  await refuse(db, 'incident_begin', {
    on: 'INSERT ON incident',
    when: `NEW.status <> 'triggered'`,
    say: 'an incident begins as triggered',
  });
  await refuse(db, 'incident_move', {
    on: 'UPDATE ON incident',
    when: `OLD.status <> NEW.status AND (OLD.status || ' ' || NEW.status) NOT IN (${moves})`,
    say: 'an incident has no such move',
  });
  await refuse(db, 'incident_late', {
    on: 'UPDATE ON incident',
    when: `NEW.status = 'triggered' AND ((OLD.status = 'resolved' AND NEW.triggered_at - OLD.resolved_at > 1800000)
      OR (OLD.status = 'merged' AND NEW.triggered_at - OLD.merged_at > 86400000))`,
    say: 'it is too late to take this back',
  });
  await refuse(db, 'incident_fixed', {
    on: 'UPDATE ON incident',
    when: `OLD.status = 'closed' AND (${FIXED.map((column) => `OLD.${column} IS DISTINCT FROM NEW.${column}`).join(' OR ')})`,
    say: 'a closed incident takes notes only',
  });
  await refuse(db, 'incident_kept', { on: 'DELETE ON incident', when: '1 = 1', say: 'incidents are kept' });
  for (const event of ['UPDATE', 'DELETE'] as const)
    await refuse(db, `incident_event_no_${event.toLowerCase()}`, {
      on: `${event} ON incident_event`,
      when: '1 = 1',
      say: 'the timeline is append-only',
    });
  if (isPostgres(db))
    await sql`CREATE TRIGGER incident_event_no_truncate BEFORE TRUNCATE ON incident_event
      FOR EACH STATEMENT EXECUTE FUNCTION incident_refuse('the timeline is append-only')`.execute(db);
}

async function refuse(
  db: Kysely<unknown>,
  name: string,
  { on, when, say }: { on: string; when: string; say: string },
): Promise<void> {
  const does = isPostgres(db)
    ? `FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION incident_refuse('${say}')`
    : `WHEN ${when} BEGIN SELECT RAISE(ABORT, '${say}'); END`;
  await sql.raw(`CREATE TRIGGER ${name} BEFORE ${on} ${does}`).execute(db);
}
