import { randomUUID } from 'node:crypto';
import type { Queryable } from '../store/store.js';
import type { IncidentRow, TimerKind } from '../store/tables-incidents.js';
import { dueAfterSeverity, type TimedState, type TimerChange } from './moves.js';

/** What of an incident its timers depend on. */
export function timedState(incident: IncidentRow): TimedState {
  const { severity, time_zone: timeZone, started_at: startedAt, triggered_at: triggeredAt } = incident;
  return { severity, timeZone, startedAt, triggeredAt };
}

function waiting(trx: Queryable, incident: string) {
  return trx
    .updateTable('incident_timer')
    .where('incident', '=', incident)
    .where('fired_at', 'is', null)
    .where('cancelled_at', 'is', null);
}

/** End and begin timers of an incident. @param now UTC ms */
export async function changeTimers(
  trx: Queryable,
  incident: string,
  { cancel, start }: TimerChange,
  now: number,
): Promise<void> {
  const ends = waiting(trx, incident).set({ cancelled_at: now });
  if (cancel === 'all') await ends.execute();
  else if (cancel.length > 0) await ends.where('kind', 'in', cancel).execute();
  for (const { kind, dueAt } of start) await startTimer(trx, incident, { kind, dueAt }, now);
}

/** Begin a timer, in the place of one of the same kind that waits. A target that was missed is not missed a second time. */
async function startTimer(
  trx: Queryable,
  incident: string,
  { kind, dueAt }: { kind: TimerKind; dueAt: number },
  now: number,
): Promise<void> {
  await waiting(trx, incident).set({ cancelled_at: now }).where('kind', '=', kind).execute();
  const missed = await trx
    .selectFrom('incident_timer')
    .select('id')
    .where('incident', '=', incident)
    .where('kind', '=', kind)
    .where('due_at', '=', dueAt)
    .where('fired_at', 'is not', null)
    .executeTakeFirst();
  if (missed !== undefined) return;
  await trx
    .insertInto('incident_timer')
    .values({ id: randomUUID(), incident, kind, due_at: dueAt })
    .execute();
}

/** Take a timer that is due, so that nobody else does. False when somebody acted between the look and the lock. */
export async function takeTimer(trx: Queryable, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('incident_timer')
    .set({ fired_at: now })
    .where('id', '=', id)
    .where('fired_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .where('due_at', '<=', now)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Timers that wait. */
export async function waitingTimers(
  db: Queryable,
  incident: string,
): Promise<{ kind: TimerKind; due_at: number }[]> {
  return db
    .selectFrom('incident_timer')
    .select(['kind', 'due_at'])
    .where('incident', '=', incident)
    .where('fired_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .orderBy('due_at')
    .execute();
}

/** Bring timers forward to a new severity; none is ever put back. @param incident with its new severity */
export async function hastenTimers(trx: Queryable, incident: IncidentRow, now: number): Promise<void> {
  for (const { kind, due_at } of await waitingTimers(trx, incident.id)) {
    const due = dueAfterSeverity(kind, timedState(incident), now);
    if (due === undefined || due >= due_at) continue;
    await waiting(trx, incident.id).set({ due_at: due }).where('kind', '=', kind).execute();
  }
}
