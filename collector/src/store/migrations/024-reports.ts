import { sql, type Kysely } from 'kysely';
import { isPostgres } from '../dialect.js';

/** Lessons of reviews, and reminders of action items. */
export async function reports(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('review')
    .addColumn('lessons', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema.alterTable('action_item').addColumn('remind_at', 'bigint').execute();
  await sql`UPDATE action_item SET remind_at = due_at WHERE verified_at IS NULL`.execute(db);
  await db.schema
    .createIndex('action_item_remind')
    .on('action_item')
    .columns(['remind_at'])
    .where(sql<boolean>`remind_at IS NOT NULL`)
    .execute();
  await closedByReview(db);
}

/** A critical or high incident is closed by its review only: what a CHECK cannot say, because the review is in another table. */
async function closedByReview(db: Kysely<unknown>): Promise<void> {
  const without = `OLD.status <> 'closed' AND NEW.status = 'closed' AND NEW.severity IN ('critical', 'high') AND NOT EXISTS
    (SELECT 1 FROM review WHERE incident = NEW.id AND status IN ('closed', 'waived'))`;
  const say = 'a critical or high incident is closed by its review';
  if (!isPostgres(db)) {
    await sql
      .raw(
        `CREATE TRIGGER incident_reviewed BEFORE UPDATE ON incident WHEN ${without} BEGIN SELECT RAISE(ABORT, '${say}'); END`,
      )
      .execute(db);
    return;
  }
  await sql
    .raw(
      `CREATE FUNCTION incident_reviewed() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF ${without} THEN RAISE EXCEPTION '${say}'; END IF; RETURN NEW; END $$`,
    )
    .execute(db);
  await sql`CREATE TRIGGER incident_reviewed BEFORE UPDATE ON incident
    FOR EACH ROW EXECUTE FUNCTION incident_reviewed()`.execute(db);
}
