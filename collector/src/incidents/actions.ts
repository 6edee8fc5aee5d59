import { isOpen, isWorse, type Severity } from '../schema/incident-words.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import { impactOf } from './impact.js';
import {
  lockIncident,
  lockOpening,
  moveIncident,
  openIncident,
  type NewIncident,
  type StepsOf,
} from './incidents.js';
import { ensureReview } from './reviews.js';
import { endTimer, needsReview, REOPEN_MS, TARGETS, updateDueAt } from './targets.js';
import { writeTimeline, type By } from './timeline.js';
import { changeTimers, hastenTimers } from './timers.js';

/** Who does something, and when (UTC ms). Every action runs in the caller's transaction. */
export interface Doing {
  readonly by: By;
  readonly now: number;
}

/** Somebody takes the incident: escalation ends, until nothing is heard of them for the length of the lease. */
export async function acknowledge(trx: Queryable, id: string, { by, now }: Doing): Promise<IncidentRow> {
  const incident = await lockIncident(trx, id);
  if (incident.status === 'acknowledged')
    throw new ProblemError(409, `${id} is acknowledged already, by ${incident.holder ?? 'somebody'}`);
  if (incident.status === 'merged')
    throw new ProblemError(
      409,
      `${id} is merged into ${incident.merged_into ?? 'another'}; acknowledge that one`,
    );
  const set = { acked_at: incident.acked_at ?? now, holder: by.actor };
  return moveIncident(trx, incident, 'acknowledge', { by, now, set });
}

/** What somebody found out; renews the lease, and the next update is due later. Every incident takes notes. */
export async function addNote(
  trx: Queryable,
  id: string,
  text: string,
  { by, now }: Doing,
): Promise<IncidentRow> {
  const incident = await lockIncident(trx, id);
  const { status, severity, time_zone: zone } = incident;
  await writeTimeline(trx, id, { by, kind: 'note', text }, now);
  if (!isOpen(status)) return incident;
  const dueAt = updateDueAt(severity, now, zone, status === 'mitigated' ? 2 : 1);
  const start = [{ kind: 'update_due', dueAt } as const];
  const lease = { kind: 'ack_lease', dueAt: now + TARGETS[severity].leaseMs } as const;
  await changeTimers(
    trx,
    id,
    { cancel: [], start: status === 'acknowledged' ? [...start, lease] : start },
    now,
  );
  return incident;
}

/** The impact is gone, the cause is not. */
export async function mitigate(
  trx: Queryable,
  id: string,
  text: string,
  { by, now }: Doing,
): Promise<IncidentRow> {
  return moveIncident(trx, await lockIncident(trx, id), 'mitigate', { by, now, text });
}

/** The impact is back. */
export async function regress(
  trx: Queryable,
  id: string,
  text: string,
  { by, now }: Doing,
): Promise<IncidentRow> {
  const incident = await lockIncident(trx, id);
  const moved = await moveIncident(trx, incident, 'regress', { by, now, text });
  await changeTimers(trx, id, { cancel: ['auto_resolve'], start: [] }, now);
  return moved;
}

/** It is over. @param reason why somebody says so */
export async function resolve(
  trx: Queryable,
  id: string,
  reason: string,
  doing: Doing,
): Promise<IncidentRow> {
  return resolveIncident(trx, await lockIncident(trx, id), { move: 'resolve', reason, ...doing });
}

/** Resolve a locked incident: its impact is frozen, and a review begins where one is needed. */
export async function resolveIncident(
  trx: Queryable,
  incident: IncidentRow,
  { move, reason, by, now }: Doing & { move: 'resolve' | 'auto-resolve'; reason: string },
): Promise<IncidentRow> {
  const impact = await impactOf(trx, incident, { now, during: 'all' });
  const set = { resolve_reason: reason, impact: impact === null ? null : JSON.stringify(impact) };
  const moved = await moveIncident(trx, incident, move, { by, now, text: reason, set });
  if (needsReview(moved.severity)) await ensureReview(trx, moved, now);
  return moved;
}

/**
 * It was not over. Within half an hour the incident goes on under its number; later a new one begins that points to it.
 * @returns the incident that is triggered now
 */
export async function reopen(
  trx: Queryable,
  id: string,
  reason: string,
  { by, now, stepsOf }: Doing & { stepsOf: StepsOf },
): Promise<IncidentRow> {
  await lockOpening(trx);
  const incident = await lockIncident(trx, id);
  if (incident.status === 'resolved' && now - (incident.resolved_at ?? 0) > REOPEN_MS) {
    await refuseSecondOpen(trx, incident);
    const again = await openIncident(trx, againOf(incident, now), { by, stepsOf, text: reason }, now);
    await writeTimeline(trx, id, { by, kind: 'reopened-as', data: { incident: again.id } }, now);
    return again;
  }
  if (incident.status === 'resolved') await refuseSecondOpen(trx, incident);
  return moveIncident(trx, incident, 'reopen', { by, now, text: reason });
}

/** What begins again later than {@link REOPEN_MS} after an incident was resolved. */
function againOf(incident: IncidentRow, now: number): NewIncident {
  const { id, group_key, title_en, title_vi, severity, runbook, asset_kind: kind } = incident;
  const { asset_path: path, asset_name: name } = incident;
  return {
    ...{ groupKey: group_key, title: { en: title_en, vi: title_vi }, severity, since: now, runbook },
    ...{ asset: kind === null || path === null ? null : { kind, path, name: name ?? path }, reopenOf: id },
  };
}

/** A group has one open incident. @throws ProblemError 409 where another one of the same group is open */
export async function refuseSecondOpen(trx: Queryable, { id, group_key }: IncidentRow): Promise<void> {
  if (group_key === null) return;
  const open = await trx
    .selectFrom('incident')
    .select('id')
    .where('group_key', '=', group_key)
    .where('status', 'in', ['triggered', 'acknowledged', 'mitigated'])
    .executeTakeFirst();
  if (open !== undefined)
    throw new ProblemError(409, `${id}: its alerts go to ${open.id} by now, which is open; work there`);
}

/**
 * Change how bad it is. Timers come nearer with a higher severity and never go further away.
 * @param reason needed to lower it
 * @throws ProblemError 409 where the incident takes no such change, 400 without a reason
 */
export async function changeSeverity(
  trx: Queryable,
  id: string,
  { severity, reason }: { severity: Severity; reason: string },
  { by, now }: Doing,
): Promise<IncidentRow> {
  const incident = await lockIncident(trx, id);
  const { severity: before, status } = incident;
  if (severity === before) throw new ProblemError(409, `${id} has the severity ${severity} already`);
  const raised = isWorse(severity, before);
  if (!isOpen(status) && !(raised && status === 'resolved'))
    throw new ProblemError(
      409,
      `${id} is ${status}: its severity can${status === 'resolved' ? ' only be raised' : 'not change'}`,
    );
  if (!raised && reason === '') throw new ProblemError(400, 'reason: say why it is less severe');
  await trx.updateTable('incident').set({ severity }).where('id', '=', id).execute();
  const changed = { ...incident, severity };
  await writeTimeline(
    trx,
    id,
    { by, kind: 'severity', text: reason, data: { from: before, to: severity } },
    now,
  );
  if (status !== 'resolved') await hastenTimers(trx, changed, now);
  else if (needsReview(severity)) await askForReview(trx, changed, now);
  return changed;
}

/** A resolved incident turns out to be bad enough for a review. */
async function askForReview(trx: Queryable, incident: IncidentRow, now: number): Promise<void> {
  const { id, severity, resolved_at, time_zone } = incident;
  const start = [endTimer(severity, resolved_at ?? now, time_zone)];
  await changeTimers(trx, id, { cancel: ['auto_close'], start }, now);
  await ensureReview(trx, incident, now);
}

/** Tick a step of the runbook, or take the tick away. @throws ProblemError 404 where there is no such step, 409 when closed */
export async function tickStep(
  trx: Queryable,
  id: string,
  { position, done }: { position: number; done: boolean },
  { by, now }: Doing,
): Promise<IncidentRow> {
  const incident = await lockIncident(trx, id);
  if (incident.status === 'closed')
    throw new ProblemError(409, `${id} is closed: its checklist stays as it is`);
  const { numUpdatedRows } = await trx
    .updateTable('incident_step')
    .set(done ? { done_at: now, done_by: by.actor } : { done_at: null, done_by: null })
    .where('incident', '=', id)
    .where('position', '=', position)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new ProblemError(404, `${id} has no step ${position}`);
  await writeTimeline(trx, id, { by, kind: 'step', data: { position, done } }, now);
  return incident;
}
