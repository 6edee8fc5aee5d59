import { isOpen } from '../schema/incident-words.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import { refuseSecondOpen, type Doing } from './actions.js';
import { lockIncident, lockOpening, moveIncident } from './incidents.js';
import { watchStability } from './stability.js';
import { UNMERGE_MS } from './targets.js';
import { writeTimeline } from './timeline.js';

/**
 * Two incidents are one trouble: the child's alerts go to the parent, and people work there.
 * @throws ProblemError 409 where one of them takes no part in it
 */
export async function merge(
  trx: Queryable,
  child: string,
  parent: string,
  { by, now }: Doing,
): Promise<IncidentRow> {
  if (child === parent) throw new ProblemError(400, 'into: must be another incident');
  await lockOpening(trx);
  const rows = new Map<string, IncidentRow>();
  // In one order, so that two merges never wait for each other.
  for (const id of [child, parent].sort()) rows.set(id, await lockIncident(trx, id));
  const [from, into] = [rows.get(child), rows.get(parent)];
  if (from === undefined || into === undefined) throw new Error('locked incidents are there');
  if (!isOpen(into.status))
    throw new ProblemError(409, `${parent} is ${into.status}; merge into an open one`);
  const below = await trx
    .selectFrom('incident')
    .select('id')
    .where('merged_into', '=', child)
    .executeTakeFirst();
  if (below !== undefined)
    throw new ProblemError(409, `${below.id} is merged into ${child}; merge the other way round`);
  const moved = await moveIncident(trx, from, 'merge', {
    ...{ by, now, set: { merged_into: parent }, data: { into: parent } },
  });
  await moveAlerts(trx, { from: child, to: parent, moved_from: child }, now);
  await watchStability(trx, parent, now);
  await writeTimeline(trx, parent, { by, kind: 'child', data: { incident: child, merged: true } }, now);
  return moved;
}

/**
 * They are two troubles after all: the child is triggered again, with its alerts.
 * @throws ProblemError 409 after 24 hours, or where it is not merged
 */
export async function unmerge(trx: Queryable, child: string, { by, now }: Doing): Promise<IncidentRow> {
  await lockOpening(trx);
  const incident = await lockIncident(trx, child);
  const { merged_into: parent, merged_at } = incident;
  if (parent !== null && now - (merged_at ?? 0) > UNMERGE_MS)
    throw new ProblemError(409, `${child} was merged more than 24 hours ago; open a new incident instead`);
  if (parent !== null) await refuseSecondOpen(trx, incident);
  const moved = await moveIncident(trx, incident, 'unmerge', { by, now });
  if (parent === null) return moved;
  await lockIncident(trx, parent);
  await moveAlerts(trx, { from: parent, to: child, moved_from: null }, now);
  for (const id of [parent, child]) await watchStability(trx, id, now);
  await writeTimeline(trx, parent, { by, kind: 'child', data: { incident: child, merged: false } }, now);
  return moved;
}

/** All alerts of a child to its parent, or those that came with it back. */
async function moveAlerts(
  trx: Queryable,
  { from, to, moved_from }: { from: string; to: string; moved_from: string | null },
  now: number,
): Promise<void> {
  let query = trx
    .selectFrom('incident_alert')
    .selectAll()
    .where('incident', '=', from)
    .where('unlinked_at', 'is', null);
  if (moved_from === null) query = query.where('moved_from', '=', to);
  for (const alert of await query.execute()) {
    await trx
      .updateTable('incident_alert')
      .set({ unlinked_at: now })
      .where('incident', '=', from)
      .where('alert', '=', alert.alert)
      .execute();
    const { resolved_at } = alert;
    await trx
      .insertInto('incident_alert')
      .values({ ...alert, incident: to, linked_at: now, moved_from })
      .onConflict((known) =>
        known.columns(['incident', 'alert']).doUpdateSet({ unlinked_at: null, resolved_at, moved_from }),
      )
      .execute();
  }
}
