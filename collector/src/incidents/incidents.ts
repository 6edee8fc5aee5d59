import type { Severity } from '../schema/incident-words.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import { statusAfter, timersAfter, type Move } from './moves.js';
import { writeTimeline, type By } from './timeline.js';
import { changeTimers, timedState } from './timers.js';

/** A step of a runbook, in both languages. */
export interface RunbookStep {
  readonly en: string;
  readonly vi: string;
}

/** The steps of a runbook by its slug; empty where it has none. */
export type StepsOf = (slug: string) => readonly RunbookStep[];

/** What an incident is opened with. */
export interface NewIncident {
  readonly groupKey: string | null;
  readonly title: { readonly en: string; readonly vi: string };
  readonly severity: Severity;
  /** Path: site/gateway/camera/line, as far as it goes; null where nobody named one. */
  readonly asset: { readonly kind: string; readonly path: string; readonly name: string } | null;
  /** When the trouble began (UTC ms). */
  readonly since: number;
  /** Slug; empty for none. */
  readonly runbook: string;
  readonly reopenOf?: string;
}

/**
 * Take the right to open incidents until the transaction ends. Whoever also locks an incident does this first, so that no two
 * transactions wait for each other.
 */
export async function lockOpening(trx: Queryable): Promise<void> {
  await trx
    .updateTable('incident_head')
    .set((head) => ({ number: head.ref('number') }))
    .where('id', '=', 1)
    .execute();
}

/**
 * Open an incident with the next number; its runbook is copied as it is now. The caller has called {@link lockOpening}.
 * @param now UTC ms
 */
export async function openIncident(
  trx: Queryable,
  incident: NewIncident,
  { by, stepsOf, text }: { by: By; stepsOf: StepsOf; text?: string },
  now: number,
): Promise<IncidentRow> {
  await trx
    .updateTable('incident_head')
    .set((head) => ({ number: head('number', '+', 1) }))
    .execute();
  const { number } = await trx.selectFrom('incident_head').select('number').executeTakeFirstOrThrow();
  const id = `INC-${number}`;
  const { groupKey, title, severity, asset, since, runbook, reopenOf = null } = incident;
  const row: IncidentRow = {
    ...{ id, number, group_key: groupKey, title_en: title.en, title_vi: title.vi, severity },
    ...{ asset_kind: asset?.kind ?? null, asset_path: asset?.path ?? null, asset_name: asset?.name ?? null },
    ...{ time_zone: await zoneOf(trx, asset?.path), runbook, opened_by: by.actor, status: 'triggered' },
    ...{ since_at: Math.min(since, now), started_at: now, triggered_at: now, acked_at: null, holder: null },
    ...{ mitigated_at: null, resolved_at: null, resolve_reason: null, closed_at: null, merged_into: null },
    ...{ merged_at: null, reopen_of: reopenOf, impact: null, event_seq: 0, event_hash: '' },
  };
  await trx.insertInto('incident').values(row).execute();
  await copySteps(trx, id, runbook, stepsOf);
  await changeTimers(trx, id, timersAfter('triggered', timedState(row), now), now);
  const data = { severity, ...(reopenOf !== null && { reopenOf }) };
  await writeTimeline(trx, id, { by, kind: 'opened', data, ...(text !== undefined && { text }) }, now);
  return row;
}

/** Put the steps of a runbook at the end of an incident's checklist, once; what is there already stays as it is ticked. */
export async function copySteps(
  trx: Queryable,
  incident: string,
  runbook: string,
  stepsOf: StepsOf,
): Promise<void> {
  const there = await trx
    .selectFrom('incident_step')
    .select('runbook')
    .where('incident', '=', incident)
    .execute();
  if (there.some((step) => step.runbook === runbook)) return;
  const steps = stepsOf(runbook).map(({ en, vi }, index) => ({
    ...{ incident, position: there.length + index, text_en: en, text_vi: vi, runbook },
    ...{ done_at: null, done_by: null },
  }));
  if (steps.length > 0) await trx.insertInto('incident_step').values(steps).execute();
}

/** Times of an incident are shown on the wall clock of its site. */
async function zoneOf(trx: Queryable, path: string | undefined): Promise<string> {
  const [site = ''] = (path ?? '').split('/');
  const row = await trx.selectFrom('site').select('time_zone').where('name', '=', site).executeTakeFirst();
  return row?.time_zone ?? 'UTC';
}

/**
 * An incident that nobody else changes until the transaction ends.
 * @throws ProblemError 404 when there is none
 */
export async function lockIncident(trx: Queryable, id: string): Promise<IncidentRow> {
  await trx
    .updateTable('incident')
    .set((row) => ({ event_seq: row.ref('event_seq') }))
    .where('id', '=', id)
    .execute();
  return readIncident(trx, id);
}

/** @throws ProblemError 404 when there is none */
export async function readIncident(db: Queryable, id: string): Promise<IncidentRow> {
  const row = await db.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined)
    throw new ProblemError(404, `there is no incident "${id}"; their names are like INC-12`);
  return row;
}

/** What goes with a move. */
export interface MoveDetails {
  readonly by: By;
  readonly text?: string;
  readonly data?: object;
  /** Columns that belong to the move. */
  readonly set?: Partial<IncidentRow>;
}

/**
 * Move a locked incident: status, timers and timeline.
 * @param now UTC ms
 * @throws ProblemError 409 where there is no such move
 */
export async function moveIncident(
  trx: Queryable,
  incident: IncidentRow,
  move: Move,
  { by, text, data, set, now }: MoveDetails & { now: number },
): Promise<IncidentRow> {
  const status = statusAfter(incident.id, incident.status, move);
  const change = { status, ...columnsOf(status, now), ...set };
  await trx.updateTable('incident').set(change).where('id', '=', incident.id).execute();
  const moved = { ...incident, ...change };
  await changeTimers(trx, incident.id, timersAfter(status, timedState(moved), now), now);
  await writeTimeline(
    trx,
    incident.id,
    { by, kind: move, ...(text !== undefined && { text }), ...(data !== undefined && { data }) },
    now,
  );
  return moved;
}

function columnsOf(status: IncidentRow['status'], now: number): Partial<IncidentRow> {
  switch (status) {
    case 'triggered':
      return {
        ...{ triggered_at: now, holder: null, resolved_at: null, resolve_reason: null, impact: null },
        ...{ merged_into: null, merged_at: null },
      };
    case 'mitigated':
      return { mitigated_at: now };
    case 'resolved':
      return { resolved_at: now };
    case 'closed':
      return { closed_at: now };
    case 'merged':
      return { merged_at: now };
    case 'acknowledged':
      return {};
  }
}
