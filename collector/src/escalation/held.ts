import type { ExpressionBuilder } from 'kysely';
import { lockIncident } from '../incidents/incidents.js';
import { BY_TIMER, writeTimeline } from '../incidents/timeline.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import { stateOf } from './state.js';

/** How often a ladder that stands still is moved on (ms). */
const EVERY_MS = 60_000;

/**
 * Whether nobody is to be paged of a timer's incident now: it has alerts that are not over, and each of them is in maintenance,
 * silenced or explained by another. One without alerts, such as one that a person opened, is never held.
 */
export function isHeld(where: ExpressionBuilder<Tables, 'incident_timer'>) {
  const open = where
    .selectFrom('incident_alert')
    .innerJoin('alert', 'alert.id', 'incident_alert.alert')
    .select('alert.id')
    .whereRef('incident_alert.incident', '=', 'incident_timer.incident')
    .where('incident_alert.unlinked_at', 'is', null)
    .where('incident_alert.resolved_at', 'is', null);
  return where.and([
    where.exists(open),
    where.not(where.exists(open.where('alert.suppressed_by', '=', '[]'))),
  ]);
}

/**
 * Let the ladder of held incidents stand still: what is left of it keeps its distances, so that nobody above is paged in the same
 * minute as those below when that ends. The timeline says once that pages are held.
 * @param now UTC ms
 */
export async function hold(store: Store, now: number): Promise<void> {
  const held = await store
    .selectFrom('incident_timer')
    .select(['id', 'incident', 'due_at'])
    .where('kind', '=', 'escalate')
    .where('fired_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .where('due_at', '<=', now - EVERY_MS)
    .where(isHeld)
    .execute();
  for (const timer of held) await inTransaction(store, (trx) => standStill(trx, timer, now));
}

async function standStill(
  trx: Queryable,
  { id, incident: of, due_at }: { id: string; incident: string; due_at: number },
  now: number,
): Promise<void> {
  const incident = await lockIncident(trx, of);
  const { numUpdatedRows } = await trx
    .updateTable('incident_timer')
    .set({ due_at: now })
    .where('id', '=', id)
    .where('due_at', '=', due_at)
    .where('fired_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n || incident.status !== 'triggered') return;
  const { base_at } = await stateOf(trx, incident);
  await trx
    .updateTable('escalation_state')
    .set({ base_at: base_at + now - due_at })
    .where('incident', '=', of)
    .execute();
  const told = await trx
    .selectFrom('incident_event')
    .select('seq')
    .where('incident', '=', of)
    .where('at', '>=', incident.triggered_at)
    .where('kind', '=', 'paging-held')
    .executeTakeFirst();
  if (told === undefined) await writeTimeline(trx, of, { by: BY_TIMER, kind: 'paging-held' }, now);
}
