import type { ExpressionBuilder } from 'kysely';
import { lockIncident } from '../incidents/incidents.js';
import { BY_TIMER, writeTimeline } from '../incidents/timeline.js';
import { inTransaction, type Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';

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

/** Say once on the timelines of incidents whose pages are held that they are. @param now UTC ms */
export async function noteHeld(store: Store, now: number): Promise<void> {
  const held = await store
    .selectFrom('incident_timer')
    .select('incident_timer.incident as id')
    .where('incident_timer.kind', '=', 'escalate')
    .where('incident_timer.fired_at', 'is', null)
    .where('incident_timer.cancelled_at', 'is', null)
    .where('incident_timer.due_at', '<=', now)
    .where(isHeld)
    .where((where) =>
      where.exists(
        where
          .selectFrom('incident')
          .select('incident.id')
          .whereRef('incident.id', '=', 'incident_timer.incident')
          .where('incident.status', '=', 'triggered')
          .where((one) => one.not(one.exists(toldHeld(one)))),
      ),
    )
    .execute();
  for (const { id } of held)
    await inTransaction(store, async (trx) => {
      await lockIncident(trx, id);
      await writeTimeline(trx, id, { by: BY_TIMER, kind: 'paging-held' }, now);
    });
}

/** What says so already, since the incident was last triggered. */
function toldHeld(where: ExpressionBuilder<Tables, 'incident'>) {
  return where
    .selectFrom('incident_event')
    .select('incident_event.seq')
    .whereRef('incident_event.incident', '=', 'incident.id')
    .whereRef('incident_event.at', '>=', 'incident.triggered_at')
    .where('incident_event.kind', '=', 'paging-held');
}
