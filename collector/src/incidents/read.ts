import { sql } from 'kysely';
import { z } from 'zod';
import { INHIBITION } from '../alerts/inhibition.js';
import { decodeCursor, encodeCursor } from '../schema/cursor.js';
import { isOpen, OPEN_STATUSES } from '../schema/incident-words.js';
import type { Impact, Incident, IncidentDetail, IncidentList, IncidentQuery } from '../schema/incidents.js';
import type { Queryable } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import { impactOf } from './impact.js';
import { readIncident } from './incidents.js';
import { possibleMoves } from './moves.js';
import { isWhole, readTimeline } from './timeline.js';
import { waitingTimers } from './timers.js';

/** Closed or not, and the number of the last incident of a page. */
const placeSchema = z.tuple([z.int(), z.int()]);
const over = sql<number>`CASE WHEN status IN ('triggered', 'acknowledged', 'mitigated') THEN 0 ELSE 1 END`;

/** Incidents, the open ones first, each with the newest first. @param now UTC ms */
export async function listIncidents(db: Queryable, query: IncidentQuery, now: number): Promise<IncidentList> {
  const { status, severity, site, cursor, limit } = query;
  let rows = db
    .selectFrom('incident')
    .selectAll()
    .orderBy(over)
    .orderBy('number', 'desc')
    .limit(limit + 1);
  if (status === 'open') rows = rows.where('status', 'in', [...OPEN_STATUSES]);
  else if (status !== 'all') rows = rows.where('status', '=', status);
  if (severity !== undefined) rows = rows.where('severity', '=', severity);
  if (site !== undefined)
    rows = rows.where((where) =>
      where.or([where('asset_path', '=', site), where('asset_path', 'like', `${site}/%`)]),
    );
  if (cursor !== undefined) {
    const [rank, number] = decodeCursor(cursor, placeSchema);
    rows = rows.where(sql<boolean>`(${over} > ${rank} OR (${over} = ${rank} AND number < ${number}))`);
  }
  const found = await rows.execute();
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const targets = await targetsOf(db, page);
  return {
    now,
    incidents: page.map((row) => answerOf(row, targets)),
    next: last === undefined ? null : encodeCursor([isOpen(last.status) ? 0 : 1, last.number]),
  };
}

/** When open incidents must be acknowledged or resolved, by "INC-1 ack_due". */
async function targetsOf(db: Queryable, rows: readonly IncidentRow[]): Promise<Map<string, number>> {
  const ids = rows.filter(({ status }) => isOpen(status)).map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const timers = await db
    .selectFrom('incident_timer')
    .select(['incident', 'kind'])
    .select(({ fn }) => fn.max<number>('due_at').as('due'))
    .where('incident', 'in', ids)
    .where('kind', 'in', ['ack_due', 'resolve_due'])
    .where('cancelled_at', 'is', null)
    .groupBy(['incident', 'kind'])
    .execute();
  return new Map(timers.map(({ incident, kind, due }) => [`${incident} ${kind}`, due]));
}

function answerOf(row: IncidentRow, targets: ReadonlyMap<string, number>): Incident {
  const { asset_kind: assetKind, asset_path: path, asset_name: name } = row;
  const kind = row.status === 'triggered' ? 'ack_due' : 'resolve_due';
  const dueAt = isOpen(row.status) ? targets.get(`${row.id} ${kind}`) : undefined;
  return {
    ...{ id: row.id, title: { en: row.title_en, vi: row.title_vi }, severity: row.severity },
    ...{ status: row.status, timeZone: row.time_zone, since: row.since_at, startedAt: row.started_at },
    asset: assetKind === null || path === null ? null : { kind: assetKind, path, name: name ?? path },
    ...{ ackedAt: row.acked_at, holder: row.holder, mitigatedAt: row.mitigated_at },
    ...{ resolvedAt: row.resolved_at, closedAt: row.closed_at, mergedInto: row.merged_into },
    ...{ reopenOf: row.reopen_of, target: dueAt === undefined ? null : { kind, dueAt } },
  };
}

/**
 * One incident with everything that belongs to it.
 * @param now UTC ms
 * @throws ProblemError 404 when there is none
 */
export async function incidentDetail(db: Queryable, id: string, now: number): Promise<IncidentDetail> {
  const row = await readIncident(db, id);
  const timers = new Map((await waitingTimers(db, id)).map(({ kind, due_at }) => [kind, due_at]));
  const timeline = await readTimeline(db, id);
  const children = await db.selectFrom('incident').select('id').where('merged_into', '=', id).execute();
  const review = await db.selectFrom('review').select('status').where('incident', '=', id).executeTakeFirst();
  return {
    ...answerOf(row, await targetsOf(db, [row])),
    ...{ now, runbook: row.runbook, resolveReason: row.resolve_reason, possible: possibleMoves(row.status) },
    leaseUntil: timers.get('ack_lease') ?? null,
    updateDueAt: timers.get('update_due') ?? null,
    autoResolveAt: timers.get('auto_resolve') ?? null,
    impact: await impactAt(db, row, now),
    alerts: await alertsOf(db, id),
    children: children.map((child) => child.id),
    steps: await stepsOf(db, id),
    timeline: timeline.map(({ seq, at, actor, channel, kind, text, data }) => ({
      ...{ seq, at, actor, channel, kind, text, data: JSON.parse(data) as Record<string, unknown> },
    })),
    timelineWhole: isWhole(timeline, row),
    review: review?.status ?? null,
  };
}

/** As of now while it is open, as frozen once it was resolved. */
export async function impactAt(db: Queryable, row: IncidentRow, now: number): Promise<Impact | null> {
  if (isOpen(row.status)) return impactOf(db, row, { now, during: 'now' });
  return row.impact === null ? null : (JSON.parse(row.impact) as Impact);
}

async function alertsOf(db: Queryable, id: string): Promise<IncidentDetail['alerts']> {
  const rows = await db
    .selectFrom('incident_alert')
    .selectAll()
    .where('incident', '=', id)
    .where('unlinked_at', 'is', null)
    .orderBy('linked_at')
    .orderBy('alert')
    .execute();
  const explained = await explainedAlerts(db);
  return rows.map(({ alert, rule, severity, title_en: en, title_vi: vi, ...row }) => ({
    ...{ id: alert, rule, severity, title: { en, vi }, asset: row.asset_path },
    ...{ firedAt: row.fired_at, resolvedAt: row.resolved_at },
    explains:
      row.resolved_at === null ? (explained.get(`${INHIBITION}:${rule}:${row.asset_path}`) ?? []) : [],
  }));
}

/** Open alerts by what explains them: the nearest reason, as the alert engine writes it. */
async function explainedAlerts(
  db: Queryable,
): Promise<Map<string, IncidentDetail['alerts'][number]['explains']>> {
  const rows = await db
    .selectFrom('alert')
    .select(['title', 'asset_path', 'suppressed_by'])
    .where('state', 'in', ['firing', 'clearing'])
    .where('suppressed_by', 'like', `["${INHIBITION}:%`)
    .orderBy('asset_path')
    .execute();
  const explained = new Map<string, IncidentDetail['alerts'][number]['explains']>();
  for (const { title, asset_path: asset, suppressed_by } of rows) {
    const [reason = ''] = JSON.parse(suppressed_by) as string[];
    const known = explained.get(reason) ?? [];
    known.push({ title: JSON.parse(title) as { en: string; vi: string }, asset });
    explained.set(reason, known);
  }
  return explained;
}

async function stepsOf(db: Queryable, id: string): Promise<IncidentDetail['steps']> {
  const rows = await db
    .selectFrom('incident_step')
    .selectAll()
    .where('incident', '=', id)
    .orderBy('position')
    .execute();
  return rows.map(({ position, text_en: en, text_vi: vi, runbook, done_at: doneAt, done_by: doneBy }) => ({
    ...{ position, text: { en, vi }, runbook, doneAt, doneBy },
  }));
}

/** How many incidents are open, by severity; for the metrics. */
export async function openBySeverity(db: Queryable): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('incident')
    .select(({ fn }) => ['severity', fn.countAll<number>().as('count')])
    .where('status', 'in', [...OPEN_STATUSES])
    .groupBy('severity')
    .execute();
  const none = { critical: 0, high: 0, medium: 0, low: 0 };
  return { ...none, ...Object.fromEntries(rows.map(({ severity, count }) => [severity, count])) };
}
