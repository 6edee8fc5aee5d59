import type { AlertRef } from '../alerts/rows.js';
import { isOpen, isWorse } from '../schema/incident-words.js';
import type { Queryable } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import { changeSeverity } from './actions.js';
import {
  copySteps,
  lockIncident,
  lockOpening,
  moveIncident,
  openIncident,
  type StepsOf,
} from './incidents.js';
import { watchStability } from './stability.js';
import { GROUP_WAIT_MS, REOPEN_MS } from './targets.js';
import { BY_ALERT, writeTimeline } from './timeline.js';
import { changeTimers, waitingTimers } from './timers.js';

/**
 * A firing alert joins the incident of its group, or opens one. Joining is repeatable: the same alert again changes nothing. An
 * incident that was resolved half an hour ago or less goes on; after that a new one begins that points to it.
 * @param stepsOf runbooks, copied when an incident begins and when an alert nearer to the root brings another one
 * @returns null for an alert that opens no incident: of low severity, or suppressed
 */
export async function attachAlert(
  trx: Queryable,
  alert: AlertRef,
  now: number,
  stepsOf: StepsOf,
): Promise<{ incident: string; opened: boolean } | null> {
  if (alert.severity === 'low' || alert.suppressedBy.length > 0) return null;
  await lockOpening(trx);
  const linked = await trx
    .selectFrom('incident_alert')
    .select('incident')
    .where('alert', '=', alert.id)
    .where('unlinked_at', 'is', null)
    .executeTakeFirst();
  if (linked !== undefined) return { incident: linked.incident, opened: false };
  const known = await incidentOfGroup(trx, alert.groupKey, now);
  if (known?.joins === true) {
    await join(trx, known.id, alert, { now, stepsOf });
    return { incident: known.id, opened: false };
  }
  const { groupKey, title, severity, asset, firedAt, since = firedAt, runbook } = alert;
  const reopenOf = known === undefined ? {} : { reopenOf: known.id };
  const { id } = await openIncident(
    trx,
    { groupKey, title, severity, asset, since, runbook, ...reopenOf },
    { by: BY_ALERT, stepsOf },
    now,
  );
  await link(trx, id, alert, now);
  // What was held back has fired for long: what explains it would have come.
  if (!isRoot(alert)) await pageAt(trx, id, Math.max(now, firedAt + GROUP_WAIT_MS), now);
  return { incident: id, opened: true };
}

/** Whether nothing above it can explain it: the group is the place itself. */
function isRoot({ groupKey, asset }: AlertRef): boolean {
  return groupKey.endsWith(`:${asset.path}`);
}

/** When the first step of the ladder is taken. */
async function pageAt(trx: Queryable, incident: string, dueAt: number, now: number): Promise<void> {
  await changeTimers(trx, incident, { cancel: [], start: [{ kind: 'escalate', dueAt }] }, now);
}

/** The newest incident of a group that is not over: to be joined, or resolved for too long. */
async function incidentOfGroup(
  trx: Queryable,
  groupKey: string,
  now: number,
): Promise<{ id: string; joins: boolean } | undefined> {
  const newest = await trx
    .selectFrom('incident')
    .leftJoin('incident as parent', 'parent.id', 'incident.merged_into')
    .select(['incident.id', 'incident.status', 'incident.resolved_at', 'parent.id as parent'])
    .select('parent.status as parent_status')
    .where('incident.group_key', '=', groupKey)
    .where('incident.status', '<>', 'closed')
    .orderBy('incident.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (newest === undefined) return undefined;
  const { id, status, resolved_at, parent, parent_status } = newest;
  if (parent !== null)
    return parent_status !== null && isOpen(parent_status) ? { id: parent, joins: true } : undefined;
  return { id, joins: isOpen(status) || now - (resolved_at ?? 0) <= REOPEN_MS };
}

async function join(
  trx: Queryable,
  id: string,
  alert: AlertRef,
  { now, stepsOf }: { now: number; stepsOf: StepsOf },
): Promise<void> {
  const incident = await lockIncident(trx, id);
  const { firedAt, since = firedAt } = alert;
  await link(trx, id, alert, now);
  if (incident.status === 'resolved') await moveIncident(trx, incident, 'reopen', { by: BY_ALERT, now });
  if (incident.status === 'mitigated') await moveIncident(trx, incident, 'regress', { by: BY_ALERT, now });
  const root = rootOf(incident, alert);
  if (root.runbook !== undefined && root.runbook !== incident.runbook)
    await copySteps(trx, id, root.runbook, stepsOf);
  await trx
    .updateTable('incident')
    .set({ ...root, since_at: Math.min(incident.since_at, since) })
    .where('id', '=', id)
    .execute();
  if (isWorse(alert.severity, incident.severity))
    await changeSeverity(trx, id, { severity: alert.severity, reason: '' }, { by: BY_ALERT, now });
  if (isRoot(alert) && (await isGathering(trx, incident))) await pageAt(trx, id, now, now);
  await watchStability(trx, id, now);
}

/** Whether nobody is paged yet because something may come that explains it. */
async function isGathering(trx: Queryable, { id, triggered_at }: IncidentRow): Promise<boolean> {
  const timers = await waitingTimers(trx, id);
  return timers.some(({ kind, due_at }) => kind === 'escalate' && due_at <= triggered_at + GROUP_WAIT_MS);
}

/** The alert nearest to the root names the incident: a gateway that is away explains its cameras. */
function rootOf(incident: IncidentRow, { asset, title, runbook }: AlertRef): Partial<IncidentRow> {
  const depth = (path: string) => path.split('/').length;
  // One that a person opened keeps the name that they gave it.
  if (incident.group_key === null || incident.asset_path === null) return {};
  if (depth(asset.path) >= depth(incident.asset_path)) return {};
  return {
    ...{ title_en: title.en, title_vi: title.vi, runbook },
    ...{ asset_kind: asset.kind, asset_path: asset.path, asset_name: asset.name },
  };
}

async function link(trx: Queryable, incident: string, alert: AlertRef, now: number): Promise<void> {
  const { id, ruleSlug: rule, severity, asset, title, firedAt } = alert;
  await trx
    .insertInto('incident_alert')
    .values({
      ...{ incident, alert: id, rule, severity, title_en: title.en, title_vi: title.vi },
      ...{ asset_kind: asset.kind, asset_path: asset.path, fired_at: firedAt, linked_at: now },
      ...{ resolved_at: null, unlinked_at: null, moved_from: null },
    })
    .execute();
  const data = { alert: id, rule, severity, title, asset: asset.path };
  await writeTimeline(trx, incident, { by: BY_ALERT, kind: 'alert-joined', data }, now);
}

/**
 * An alert has resolved; when all of its incident have, and stay so for a quarter of an hour, the incident resolves by itself.
 * Repeatable, and nothing for an alert that belongs to no incident.
 * @returns the incident that has changed
 */
export async function alertResolved(
  trx: Queryable,
  alertId: string,
  now: number,
): Promise<string | undefined> {
  await lockOpening(trx);
  const linked = await trx
    .selectFrom('incident_alert')
    .select(['incident', 'resolved_at', 'rule', 'title_en', 'title_vi'])
    .where('alert', '=', alertId)
    .where('unlinked_at', 'is', null)
    .executeTakeFirst();
  if (linked === undefined || linked.resolved_at !== null) return undefined;
  const { incident: id, rule, title_en: en, title_vi: vi } = linked;
  await lockIncident(trx, id);
  await trx
    .updateTable('incident_alert')
    .set({ resolved_at: now })
    .where('incident', '=', id)
    .where('alert', '=', alertId)
    .execute();
  const data = { alert: alertId, rule, title: { en, vi } };
  await writeTimeline(trx, id, { by: BY_ALERT, kind: 'alert-resolved', data }, now);
  await watchStability(trx, id, now);
  return id;
}
