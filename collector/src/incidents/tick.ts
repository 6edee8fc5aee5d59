import type { Severity } from '../schema/incident-words.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { IncidentRow, TimerKind } from '../store/tables-incidents.js';
import { resolveIncident } from './actions.js';
import { lockIncident, moveIncident } from './incidents.js';
import { updateDueAt } from './targets.js';
import { BY_TIMER, writeTimeline } from './timeline.js';
import { changeTimers, takeTimer } from './timers.js';

/** Timers of one tick; the next tick goes on. */
const AT_ONCE = 500;
const STABLE = 'all alerts resolved, and nothing came back for 15 minutes';

/** What became due. */
export interface DueEvent {
  /** Escalation fires its own timer. */
  readonly kind: Exclude<TimerKind, 'escalate'>;
  /** Such as "INC-3". */
  readonly incident: string;
  readonly severity: Severity;
}

/**
 * Fire the timers that are due, each in one transaction with what it does; one that fired does not fire again, also after a
 * restart in between. Timers of the kind "escalate" are left alone.
 * @param now UTC ms
 */
export async function tickIncidents(store: Store, now: number): Promise<DueEvent[]> {
  const due = await store
    .selectFrom('incident_timer')
    .select(['id', 'incident', 'kind'])
    .where('fired_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .where('kind', '<>', 'escalate')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(AT_ONCE)
    .execute();
  const events: DueEvent[] = [];
  for (const timer of due) {
    const event = await inTransaction(store, (trx) => fire(trx, timer, now));
    if (event !== undefined) events.push(event);
  }
  return events;
}

async function fire(
  trx: Queryable,
  { id, incident: of, kind }: { id: string; incident: string; kind: TimerKind },
  now: number,
): Promise<DueEvent | undefined> {
  const incident = await lockIncident(trx, of);
  if (!(await takeTimer(trx, id, now)) || kind === 'escalate') return undefined;
  await actOn(trx, incident, kind, now);
  return { kind, incident: of, severity: incident.severity };
}

async function actOn(
  trx: Queryable,
  incident: IncidentRow,
  kind: DueEvent['kind'],
  now: number,
): Promise<void> {
  const by = BY_TIMER;
  switch (kind) {
    case 'ack_lease':
      await moveIncident(trx, incident, 'lease-expired', { by, now, data: { holder: incident.holder } });
      return;
    case 'auto_resolve':
      await resolveIncident(trx, incident, { move: 'auto-resolve', reason: STABLE, by, now });
      return;
    case 'auto_close':
      await moveIncident(trx, incident, 'auto-close', { by, now });
      return;
    case 'update_due': {
      const dueAt = updateDueAt(
        incident.severity,
        now,
        incident.time_zone,
        incident.status === 'mitigated' ? 2 : 1,
      );
      await changeTimers(trx, incident.id, { cancel: [], start: [{ kind, dueAt }] }, now);
      await writeTimeline(trx, incident.id, { by, kind: 'timer', data: { timer: kind } }, now);
      return;
    }
    case 'ack_due':
    case 'resolve_due':
    case 'review_due':
      await writeTimeline(trx, incident.id, { by, kind: 'timer', data: { timer: kind } }, now);
  }
}
