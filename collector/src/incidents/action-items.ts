import { randomUUID } from 'node:crypto';
import { ProblemError } from '../schema/problem.js';
import type { ActionItem, NewActionItem } from '../schema/reviews.js';
import type { Queryable } from '../store/store.js';
import { lockIncident } from './incidents.js';
import { readReview } from './reviews.js';
import { writeTimeline, type By } from './timeline.js';

/** What is done is to be verified within so long, else somebody is reminded (ms). */
const VERIFY_WITHIN_MS = 7 * 24 * 3_600_000;

/** What people promised after an incident, the next due first. */
export async function readActionItems(db: Queryable, incident: string): Promise<ActionItem[]> {
  const rows = await db
    .selectFrom('action_item')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('due_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    ...{ id: row.id, text: row.text, owner: row.owner, dueAt: row.due_at, doneAt: row.done_at },
    ...{ doneBy: row.done_by, verifiedAt: row.verified_at, verifiedBy: row.verified_by },
  }));
}

/** @throws ProblemError 404 where the incident has no review */
export async function addActionItem(
  trx: Queryable,
  incident: string,
  { text, owner, dueAt }: NewActionItem,
  { by, now }: { by: By; now: number },
): Promise<void> {
  await lockIncident(trx, incident);
  await readReview(trx, incident);
  await trx
    .insertInto('action_item')
    .values({ id: randomUUID(), incident, text, owner, due_at: dueAt, created_at: now, remind_at: dueAt })
    .execute();
  await writeTimeline(trx, incident, { by, kind: 'action-item', text, data: { step: 'add', owner } }, now);
}

/**
 * Say that an item is done, or that it was seen to work. Items go on after their review is closed.
 * @throws ProblemError 404 where there is no such item, 409 where the step does not fit or one would verify one's own work
 */
export async function moveActionItem(
  trx: Queryable,
  { incident, item, step }: { incident: string; item: string; step: 'done' | 'verify' },
  { by, now }: { by: By; now: number },
): Promise<void> {
  await lockIncident(trx, incident);
  const row = (await readActionItems(trx, incident)).find(({ id }) => id === item);
  if (row === undefined) throw new ProblemError(404, `${incident} has no such action item`);
  if (step === 'done' && row.doneAt !== null)
    throw new ProblemError(409, `it is done already, by ${row.doneBy ?? ''}`);
  if (step === 'verify' && (row.doneAt === null || row.verifiedAt !== null))
    throw new ProblemError(409, row.doneAt === null ? 'it is not done yet' : 'it is verified already');
  if (step === 'verify' && (row.doneBy === by.actor || row.owner === by.actor))
    throw new ProblemError(409, 'neither its owner nor who did it can verify it; ask somebody else');
  await trx
    .updateTable('action_item')
    .set(
      step === 'done'
        ? { done_at: now, done_by: by.actor, remind_at: now + VERIFY_WITHIN_MS }
        : { verified_at: now, verified_by: by.actor, remind_at: null },
    )
    .where('id', '=', item)
    .execute();
  await writeTimeline(trx, incident, { by, kind: 'action-item', text: row.text, data: { step } }, now);
}
