import type { Kysely } from 'kysely';

/** Which runbook a step is from; not known of steps that are there already: the runbook of their incident may have moved. */
export async function stepRunbook(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('incident_step')
    .addColumn('runbook', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
}
