import { sql, type Kysely } from 'kysely';
import { isPostgres } from '../dialect.js';

/** Attempts go with their message and never alone; codes that stand in the outbox go now. */
export async function notifyPurge(db: Kysely<unknown>): Promise<void> {
  if (isPostgres(db)) await postgres(db);
  else await sqlite(db);
  await db.schema.createIndex('ack_token_notification').on('ack_token').column('notification').execute();
  // Old ones of a kind are found by it, and the pages of the span of a report.
  await db.schema
    .createIndex('notification_kind')
    .on('notification')
    .columns(['kind', 'created_at'])
    .execute();
  await blankCodes(db);
}

async function postgres(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE notification_attempt DROP CONSTRAINT notification_attempt_notification_fkey`.execute(
    db,
  );
  await sql`ALTER TABLE notification_attempt ADD CONSTRAINT notification_attempt_notification_fkey
    FOREIGN KEY (notification) REFERENCES notification (id) ON DELETE CASCADE`.execute(db);
  await sql`DROP TRIGGER notification_attempt_append_only ON notification_attempt`.execute(db);
  await sql`CREATE TRIGGER notification_attempt_append_only BEFORE UPDATE OR TRUNCATE ON notification_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION notification_attempt_append_only()`.execute(db);
  await sql`CREATE FUNCTION notification_attempt_goes_with_it() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN
      IF EXISTS (SELECT 1 FROM notification WHERE id = OLD.notification) THEN
        RAISE EXCEPTION ''attempts are append-only'';
      END IF;
      RETURN OLD;
    END'`.execute(db);
  await sql`CREATE TRIGGER notification_attempt_goes_with_it BEFORE DELETE ON notification_attempt
    FOR EACH ROW EXECUTE FUNCTION notification_attempt_goes_with_it()`.execute(db);
}

/** SQLite cannot change a foreign key: the table is made anew. */
async function sqlite(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE notification_attempt_new (
    notification text NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
    n integer NOT NULL CHECK (n >= 1),
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('ok', 'temp', 'perm', 'unknown')),
    status integer,
    error text,
    CONSTRAINT notification_attempt_key PRIMARY KEY (notification, n)
  )`.execute(db);
  await sql`INSERT INTO notification_attempt_new
    SELECT notification, n, started_at, ended_at, outcome, status, error FROM notification_attempt`.execute(
    db,
  );
  await sql`DROP TABLE notification_attempt`.execute(db);
  await sql`ALTER TABLE notification_attempt_new RENAME TO notification_attempt`.execute(db);
  await sql`CREATE TRIGGER notification_attempt_no_update BEFORE UPDATE ON notification_attempt
    BEGIN SELECT RAISE(ABORT, 'attempts are append-only'); END`.execute(db);
  await sql`CREATE TRIGGER notification_attempt_no_delete BEFORE DELETE ON notification_attempt
    WHEN EXISTS (SELECT 1 FROM notification WHERE id = OLD.notification)
    BEGIN SELECT RAISE(ABORT, 'attempts are append-only'); END`.execute(db);
}

/** Whoever still waits for one asks for another. */
async function blankCodes(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ id: string; payload: string }>`SELECT id, payload FROM notification
    WHERE kind = 'verify'`.execute(db);
  for (const { id, payload } of rows) {
    const rest = { ...(JSON.parse(payload) as Record<string, unknown>), text: undefined };
    await sql`UPDATE notification SET payload = ${JSON.stringify(rest)} WHERE id = ${id}`.execute(db);
  }
}
