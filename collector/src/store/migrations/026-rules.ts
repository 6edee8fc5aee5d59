import { sql, type Kysely } from 'kysely';

/** Periodic work, what scanners found, and what rules and purges look up in the outbox. */
export async function rules(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('heartbeat')
    .addColumn('slug', 'text', (column) => column.primaryKey())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind IN ('backup', 'restore-check', 'procedure', 'self-check')`),
    )
    .addColumn('period_s', 'integer', (column) => column.check(sql`period_s > 0`))
    .addColumn('cron', 'text')
    .addColumn('time_zone', 'text')
    .addColumn('grace_s', 'integer', (column) => column.notNull().check(sql`grace_s >= 0`))
    .addColumn('paused', 'integer', (column) => column.notNull().check(sql`paused IN (0, 1)`))
    .addColumn('since_at', 'bigint', (column) => column.notNull())
    .addColumn('last_start_at', 'bigint')
    .addColumn('last_ok_at', 'bigint')
    .addColumn('failing_since', 'bigint')
    .addColumn('note', 'text', (column) => column.notNull())
    .addCheckConstraint('heartbeat_schedule', sql`(period_s IS NULL) = (cron IS NOT NULL)`)
    .addCheckConstraint('heartbeat_zone', sql`(cron IS NULL) = (time_zone IS NULL)`)
    .execute();
  await db.schema
    .createTable('vuln_finding')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('component', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('vulnerability', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) =>
      column.notNull().check(sql`severity IN ('critical', 'high', 'medium', 'low')`),
    )
    .addColumn('kev', 'integer', (column) => column.notNull().check(sql`kev IN (0, 1)`))
    .addColumn('exposed', 'integer', (column) => column.notNull().check(sql`exposed IN (0, 1)`))
    .addColumn('first_seen_at', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .addColumn('state', 'text', (column) =>
      column.notNull().check(sql`state IN ('open', 'fixed', 'accepted')`),
    )
    .addColumn('accepted_until', 'bigint')
    .addColumn('accepted_by', 'text')
    .addColumn('reason', 'text')
    .addColumn('fixed_at', 'bigint')
    .addUniqueConstraint('vuln_finding_once', ['source', 'component', 'version', 'vulnerability'])
    .addCheckConstraint('vuln_finding_fixed', sql`(state = 'fixed') = (fixed_at IS NOT NULL)`)
    .addCheckConstraint(
      'vuln_finding_accepted',
      sql`(state = 'accepted') = (accepted_until IS NOT NULL AND accepted_by IS NOT NULL AND reason IS NOT NULL)`,
    )
    .execute();
  await db.schema
    .createIndex('notification_unknown')
    .on('notification')
    .column('created_at')
    .where(sql<boolean>`state = 'unknown'`)
    .execute();
  await db.schema
    .createIndex('notification_test')
    .on('notification')
    .columns(['contact', 'created_at'])
    .where(sql<boolean>`kind = 'test'`)
    .execute();
}
