import { sql, type Kysely } from 'kysely';

/** What audits and counts say of each line. Every line that is in use waits to be judged. */
export async function lineVerdicts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('line_verdict')
    .addColumn('gateway', 'text', (column) => column.notNull())
    .addColumn('camera', 'text', (column) => column.notNull())
    .addColumn('line', 'text', (column) => column.notNull())
    .addColumn('judge_at', 'bigint', (column) => column.notNull())
    .addColumn('judged_at', 'bigint')
    .addColumn('verdict', 'text', (column) => column.check(sql`verdict IN ('pass', 'fail', 'inconclusive')`))
    .addColumn('lower', 'double precision')
    .addColumn('due', 'text')
    .addColumn('due_since', 'bigint')
    .addColumn('model_hash', 'text')
    .addColumn('config_version', 'text')
    .addColumn('counts_until', 'bigint')
    .addColumn('risks', 'text')
    .addPrimaryKeyConstraint('line_verdict_key', ['gateway', 'camera', 'line'])
    .addForeignKeyConstraint(
      'line_verdict_line',
      ['gateway', 'camera', 'line'],
      'line',
      ['gateway', 'camera', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .addCheckConstraint('line_verdict_judged', sql`(judged_at IS NULL) = (verdict IS NULL)`)
    .addCheckConstraint('line_verdict_due', sql`(due IS NULL) = (due_since IS NULL)`)
    .execute();
  await db.schema.createIndex('line_verdict_judge').on('line_verdict').columns(['judge_at']).execute();
  await sql`INSERT INTO line_verdict (gateway, camera, line, judge_at)
    SELECT gateway, camera, id, 0 FROM line WHERE present = 1`.execute(db);
}
