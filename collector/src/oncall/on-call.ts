import { bucketsOf, startOfDay } from '../counts/zone.js';
import type { CalendarAnswer, LevelOnCall, OnCallAnswer, TeamOnCall } from '../schema/oncall.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { OncallTables } from '../store/tables-oncall.js';
import { NOTE_MS } from './handover.js';
import { answerOf } from './overrides.js';
import type { ScheduleKey } from './spans.js';
import { onCallAt } from './targets.js';

const DAY_MS = 24 * 3_600_000;

type Schedule = OncallTables['schedule'];
type Turn = LevelOnCall['now'];

/** Who is on duty now and next, by team and level. @param now UTC ms */
export async function onCallNow(db: Queryable, now: number): Promise<OnCallAnswer> {
  const teams = await db.selectFrom('team').selectAll().orderBy('title').execute();
  const schedules = await db.selectFrom('schedule').selectAll().orderBy('level').execute();
  const answers: TeamOnCall[] = [];
  for (const { name, title } of teams) {
    const levels: LevelOnCall[] = [];
    for (const schedule of schedules.filter(({ team }) => team === name))
      levels.push(await levelNow(db, schedule, now));
    answers.push({ name, title, levels });
  }
  return { at: now, teams: answers };
}

async function levelNow(db: Queryable, schedule: Schedule, now: number): Promise<LevelOnCall> {
  const { team, level, time_zone: timeZone } = schedule;
  const turns = await turnsFrom(db, schedule, now);
  const [current = { user: null, from: now, to: null }, next = null] = turns;
  const reachable = (await onCallAt(db, { team, level, at: now })).length > 0;
  return { level, timeZone, now: current, reachable, next, note: await newestNote(db, schedule, now) };
}

/** From who is on duty now on; spans of the same person after one another are one turn. */
async function turnsFrom(db: Queryable, { team, level, built_to }: Schedule, now: number): Promise<Turn[]> {
  const spans = await db
    .selectFrom('oncall_span')
    .select(['username', 'from_at', 'to_at'])
    .where('team', '=', team)
    .where('level', '=', level)
    .where('to_at', '>', now)
    .orderBy('from_at')
    .execute();
  const turns: { user: string | null; from: number; to: number }[] = [];
  for (const { username, from_at, to_at } of spans) {
    const last = turns.at(-1);
    if (last?.user === username) last.to = to_at;
    else turns.push({ user: username, from: from_at, to: to_at });
  }
  return turns.map((turn) => ({ ...turn, to: turn.to >= built_to ? null : turn.to }));
}

async function newestNote(db: Queryable, { team, level }: ScheduleKey, now: number) {
  const note = await db
    .selectFrom('handover_note')
    .select(['author', 'at', 'text'])
    .where('team', '=', team)
    .where('level', '=', level)
    .where('at', '>', now - NOTE_MS)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return note ?? null;
}

/**
 * Who of a team is on duty in the days from today on.
 * @throws ProblemError when there is no such team
 */
export async function calendarOf(
  db: Queryable,
  { team, days: count }: { team: string; days: number },
  now: number,
): Promise<CalendarAnswer> {
  const found = await db.selectFrom('team').select('name').where('name', '=', team).executeTakeFirst();
  if (found === undefined) throw new ProblemError(404, `there is no team "${team}"`);
  const schedules = await db
    .selectFrom('schedule')
    .selectAll()
    .where('team', '=', team)
    .orderBy('level')
    .execute();
  const timeZone = schedules[0]?.time_zone ?? 'UTC';
  const from = startOfDay(timeZone, now);
  const days = bucketsOf(timeZone, 'day', { from, to: from + count * DAY_MS })
    .slice(0, count)
    .map(({ start, end }) => ({ from: start, to: end }));
  const to = days.at(-1)?.to ?? from;
  const levels = await Promise.all(
    schedules.map(async ({ level }) => ({
      level,
      spans: await spansOf(db, { team, level, from, to }),
      overrides: await overridesOf(db, { team, level, from: now, to }),
    })),
  );
  return { timeZone, days, levels };
}

type Part = ScheduleKey & { from: number; to: number };

async function spansOf(db: Queryable, { team, level, from, to }: Part) {
  const rows = await db
    .selectFrom('oncall_span')
    .select(['from_at', 'to_at', 'username', 'override_id'])
    .where('team', '=', team)
    .where('level', '=', level)
    .where('to_at', '>', from)
    .where('from_at', '<', to)
    .orderBy('from_at')
    .execute();
  return rows.map(({ from_at, to_at, username, override_id }) => ({
    ...{ from: from_at, to: to_at, user: username, override: override_id },
  }));
}

async function overridesOf(db: Queryable, { team, level, from, to }: Part) {
  const rows = await db
    .selectFrom('oncall_override')
    .selectAll()
    .where('team', '=', team)
    .where('level', '=', level)
    .where('to_at', '>', from)
    .where('from_at', '<', to)
    .orderBy('from_at')
    .execute();
  return rows.map(answerOf);
}
