import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import { moved } from './machine.js';
import { addEvent, columnsOf, instanceOf } from './rows.js';
import { defaultRule } from './rules.js';

/**
 * A person ends an alert whose condition never ends by itself.
 * @throws ProblemError 404 for none, 409 for one that is over or that ends by itself
 */
export async function resolveByHand(
  trx: Queryable,
  { id, reason, by }: { id: string; reason: string; by: string },
  now: number,
): Promise<void> {
  const row = await trx.selectFrom('alert').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined || row.state === 'pending') throw new ProblemError(404, 'there is no such alert');
  if (row.state === 'resolved') throw new ProblemError(409, 'it is over already');
  const condition = defaultRule(row.rule)?.conditions.find(({ name }) => name === row.condition);
  if (condition?.clear !== null)
    throw new ProblemError(409, 'it ends by itself when its condition is over; mend that, or silence it');
  const resolved = moved(instanceOf(row), { kind: 'resolve', reason: 'manual' }, now);
  const { numUpdatedRows } = await trx
    .updateTable('alert')
    .set(columnsOf(resolved, { now, forMs: 0, keepMs: 0 }))
    .where('id', '=', id)
    .where('state', '=', row.state)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new ProblemError(409, 'it has just changed; look again');
  await addEvent(trx, { alert: id, kind: 'resolved', data: { reason: 'manual', by, why: reason } }, now);
}
