import { sql, type Kysely } from 'kysely';
import { isPostgres } from '../dialect.js';

/** The outbox of notifications, what came of each attempt, and the one-time links of messages. */
export async function notify(db: Kysely<unknown>): Promise<void> {
  await outbox(db);
  await db.schema
    .createTable('notification_attempt')
    .addColumn('notification', 'text', (column) => column.notNull().references('notification.id'))
    .addColumn('n', 'integer', (column) => column.notNull().check(sql`n >= 1`))
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) =>
      column.notNull().check(sql`outcome IN ('ok', 'temp', 'perm', 'unknown')`),
    )
    .addColumn('status', 'integer')
    .addColumn('error', 'text')
    .addPrimaryKeyConstraint('notification_attempt_key', ['notification', 'n'])
    .execute();
  await appendOnly(db);
  await db.schema
    .createTable('ack_token')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('notification', 'text', (column) => column.notNull().references('notification.id'))
    .addColumn('action', 'text', (column) => column.notNull().check(sql`action IN ('ack', 'resolve')`))
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('used_from', 'text')
    .addCheckConstraint('ack_token_used', sql`(used_at IS NULL) = (used_from IS NULL)`)
    .execute();
}

async function outbox(db: Kysely<unknown>): Promise<void> {
  const text = (name: string, values: string) => sql.raw(`${name} IN (${values})`);
  await db.schema
    .createTable('notification')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('idem_key', 'text', (column) => column.notNull().unique())
    .addColumn('incident', 'text')
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(text('kind', "'page', 'update', 'resolved', 'test', 'verify', 'digest'")),
    )
    .addColumn('severity', 'text', (column) =>
      column.notNull().check(text('severity', "'critical', 'high', 'medium', 'low'")),
    )
    .addColumn('urgency', 'integer', (column) => column.notNull())
    .addColumn('step', 'bigint', (column) => column.notNull())
    .addColumn('loop', 'bigint', (column) => column.notNull())
    .addColumn('thread', 'text')
    .addColumn('contact', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) =>
      column.notNull().check(text('channel', "'email', 'slack', 'discord', 'sms', 'voice', 'webhook'")),
    )
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('language', 'text', (column) => column.notNull().check(text('language', "'en', 'vi'")))
    .addColumn('fallbacks', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull().defaultTo('queued'))
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_at', 'bigint')
    .addColumn('deadline_at', 'bigint', (column) => column.notNull())
    .addColumn('holder', 'text')
    .addColumn('begun_at', 'bigint')
    .addColumn('duplicate', 'integer', (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`duplicate IN (0, 1)`),
    )
    .addColumn('unwanted', 'integer', (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`unwanted IN (0, 1)`),
    )
    .addColumn('superseded_by', 'text')
    .addColumn('provider_ref', 'text')
    .addColumn('provider_seq', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('error', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('sent_at', 'bigint')
    .addColumn('delivered_at', 'bigint')
    .addColumn('acked_at', 'bigint')
    .addColumn('acked_by', 'text')
    // Eight attempts, and one more when nobody knows what became of the eighth.
    .addCheckConstraint('notification_attempts', sql`attempts BETWEEN 0 AND 9`)
    .addCheckConstraint('notification_acked', sql`(acked_at IS NULL) = (acked_by IS NULL)`)
    .addCheckConstraint('notification_state', MATRIX)
    .execute();
  const index = (name: string) => db.schema.createIndex(`notification_${name}`).on('notification');
  await index('due')
    .columns(['next_at'])
    .where(sql<boolean>`next_at IS NOT NULL`)
    .execute();
  await index('incident').columns(['incident']).execute();
  await index('thread').columns(['thread']).execute();
  await index('created').columns(['created_at', 'id']).execute();
  await index('provider').columns(['provider_ref']).execute();
}

/** Which columns are set in which state; whatever else is refused by the database. */
const MATRIX = sql`CASE state
  WHEN 'queued' THEN next_at IS NOT NULL AND holder IS NULL AND begun_at IS NULL AND sent_at IS NULL AND unwanted = 0
    AND superseded_by IS NULL
  WHEN 'sending' THEN next_at IS NOT NULL AND holder IS NOT NULL AND begun_at IS NOT NULL AND attempts >= 1
    AND sent_at IS NULL AND superseded_by IS NULL
  WHEN 'sent' THEN next_at IS NULL AND holder IS NULL AND begun_at IS NULL AND attempts >= 1 AND sent_at IS NOT NULL
    AND delivered_at IS NULL
  WHEN 'delivered' THEN next_at IS NULL AND holder IS NULL AND begun_at IS NULL AND attempts >= 1 AND sent_at IS NOT NULL
    AND delivered_at IS NOT NULL
  WHEN 'failed' THEN next_at IS NULL AND holder IS NULL AND begun_at IS NULL AND error IS NOT NULL AND delivered_at IS NULL
  WHEN 'unknown' THEN holder IS NULL AND begun_at IS NULL AND attempts >= 1 AND sent_at IS NULL AND error IS NOT NULL
    AND (next_at IS NOT NULL) = (duplicate = 0)
  WHEN 'cancelled' THEN next_at IS NULL AND holder IS NULL AND begun_at IS NULL AND sent_at IS NULL
  WHEN 'superseded' THEN next_at IS NULL AND holder IS NULL AND begun_at IS NULL AND sent_at IS NULL
    AND superseded_by IS NOT NULL
  ELSE 1 = 0 END`;

async function appendOnly(db: Kysely<unknown>): Promise<void> {
  if (isPostgres(db)) {
    await sql`CREATE FUNCTION notification_attempt_append_only() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RAISE EXCEPTION ''attempts are append-only''; END'`.execute(db);
    await sql`CREATE TRIGGER notification_attempt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notification_attempt
      FOR EACH STATEMENT EXECUTE FUNCTION notification_attempt_append_only()`.execute(db);
    return;
  }
  for (const event of ['UPDATE', 'DELETE'] as const)
    await sql`CREATE TRIGGER ${sql.raw(`notification_attempt_no_${event.toLowerCase()}`)} BEFORE ${sql.raw(event)}
      ON notification_attempt BEGIN SELECT RAISE(ABORT, 'attempts are append-only'); END`.execute(db);
}
