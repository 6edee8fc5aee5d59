import type { Handover, HandoverShift } from '../schema/handover.js';
import { OPEN_STATUSES } from '../schema/incident-words.js';
import type { Queryable } from '../store/store.js';
import { lastShifts, type WorkedShift } from './last-shifts.js';
import type { ScheduleKey } from './spans.js';
import { noSchedule } from './teams.js';

const DAY_MS = 24 * 3_600_000;
/** A hand-over note says nothing any more after this (ms). */
export const NOTE_MS = 7 * DAY_MS;
/** Whoever comes reads no more lines than this; what there is beyond is counted. */
const MOST_LINES = 50;

/**
 * What whoever comes on duty must know, from what is stored: open incidents with the newest note on each, what happened in the
 * shift that runs and in the one before, and the hand-over notes of the last seven days.
 * @param now UTC ms
 * @throws ProblemError 404 when there is no such schedule
 */
export async function handoverOf(db: Queryable, key: ScheduleKey, now: number): Promise<Handover> {
  const { team, level } = key;
  const schedule = await db
    .selectFrom('schedule')
    .select('time_zone')
    .where('team', '=', team)
    .where('level', '=', level)
    .executeTakeFirst();
  if (schedule === undefined) throw noSchedule(key);
  const shifts: HandoverShift[] = [];
  for (const shift of await lastShifts(db, key, now)) shifts.push(await happened(db, shift, now));
  return {
    ...{ at: now, timeZone: schedule.time_zone },
    ...(await openIncidents(db)),
    shifts,
    notes: await notesOf(db, key, now),
  };
}

async function openIncidents(db: Queryable): Promise<Pick<Handover, 'open' | 'openTotal'>> {
  const open = db.selectFrom('incident').where('status', 'in', [...OPEN_STATUSES]);
  const rows = await open.selectAll().orderBy('number', 'desc').limit(MOST_LINES).execute();
  const { count } = await open
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const notes = await newestNotes(
    db,
    rows.map(({ id }) => id),
  );
  return {
    openTotal: count,
    open: rows.map(({ id, title_en: en, title_vi: vi, severity, status, started_at, holder }) => ({
      ...{ id, title: { en, vi }, severity, status, startedAt: started_at, holder },
      note: notes.get(id) ?? null,
    })),
  };
}

/** What a person wrote last on the timeline of each incident. */
async function newestNotes(db: Queryable, ids: readonly string[]) {
  if (ids.length === 0) return new Map<string, never>();
  const rows = await db
    .selectFrom('incident_event')
    .select(['incident', 'actor', 'at', 'text'])
    .where('incident', 'in', ids)
    .where('kind', '=', 'note')
    .orderBy('seq')
    .execute();
  return new Map(rows.map(({ incident, actor, at, text }) => [incident, { author: actor, at, text }]));
}

async function happened(db: Queryable, shift: WorkedShift, now: number): Promise<HandoverShift> {
  const { user, from } = shift;
  const to = shift.to ?? now + 1;
  const within = (at: number | null) => at !== null && at >= from && at < to;
  const rows = await db
    .selectFrom('incident')
    .selectAll()
    .where('merged_into', 'is', null)
    .where((where) =>
      where.or(
        (['started_at', 'acked_at', 'resolved_at'] as const).map((column) =>
          where.and([where(column, '>=', from), where(column, '<', to)]),
        ),
      ),
    )
    .orderBy('number', 'desc')
    .execute();
  const incidents = rows.map(({ id, title_en: en, title_vi: vi, severity, status, ...row }) => ({
    ...{ id, title: { en, vi }, severity, status, opened: within(row.started_at) },
    ...{ acknowledged: within(row.acked_at), resolved: within(row.resolved_at) },
  }));
  return {
    ...{ user, from, to: shift.to, incidents: incidents.slice(0, MOST_LINES) },
    opened: incidents.filter(({ opened }) => opened).length,
    acknowledged: incidents.filter(({ acknowledged }) => acknowledged).length,
    resolved: incidents.filter(({ resolved }) => resolved).length,
    pages: await pagesSent(db, { from, to }),
  };
}

/** Pages that left in a range, to whomever; what was only queued is none. */
async function pagesSent(db: Queryable, { from, to }: { from: number; to: number }): Promise<number> {
  const { count } = await db
    .selectFrom('notification')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('kind', '=', 'page')
    .where('sent_at', '>=', from)
    .where('sent_at', '<', to)
    .executeTakeFirstOrThrow();
  return count;
}

async function notesOf(db: Queryable, { team, level }: ScheduleKey, now: number) {
  return db
    .selectFrom('handover_note')
    .select(['author', 'at', 'text'])
    .where('team', '=', team)
    .where('level', '=', level)
    .where('at', '>', now - NOTE_MS)
    .orderBy('at', 'desc')
    .limit(MOST_LINES)
    .execute();
}
