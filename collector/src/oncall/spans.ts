import type { OpeningHours } from '../schema/sites.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import type { Level } from '../store/tables-oncall.js';
import { planDuties, type Duty, type SchedulePlan } from './plan.js';

const DAY_MS = 24 * 3_600_000;
/** How far ahead it is known who is on duty, and how long it is kept who was (ms). */
export const AHEAD_MS = 90 * DAY_MS;
const KEPT_MS = 90 * DAY_MS;
/** Rows of one statement: SQLite takes 32766 values. */
const ROWS = 500;

/** A schedule by its name. */
export interface ScheduleKey {
  readonly team: string;
  readonly level: Level;
}

/**
 * Plan a schedule anew from now on; who was on duty before stays as it was. Runs in the transaction of the change, so that
 * nobody sees a rotation that the spans do not know.
 * @param now UTC ms
 */
export async function rebuildSpans(trx: Queryable, key: ScheduleKey, now: number): Promise<void> {
  const to = now + AHEAD_MS;
  // A write first: who plans at the same time waits.
  const schedule = await trx
    .updateTable('schedule')
    .set({ built_to: to })
    .where('team', '=', key.team)
    .where('level', '=', key.level)
    .returning('time_zone')
    .executeTakeFirst();
  if (schedule === undefined) return;
  const plan = await planOf(trx, { ...key, timeZone: schedule.time_zone }, now);
  const duties = planDuties(plan, { from: now, to });
  await replaceSpans(trx, key, duties, now);
}

/** Whoever changes the same schedule waits until this transaction is over. @returns false when there is none */
export async function lockSchedule(trx: Queryable, { team, level }: ScheduleKey): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('schedule')
    .set((eb) => ({ built_to: eb.ref('built_to') }))
    .where('team', '=', team)
    .where('level', '=', level)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Plan every schedule anew, as every night, so that 90 days ahead are known. @param now UTC ms */
export async function rebuildAllSpans(store: Store, now: number): Promise<void> {
  const schedules = await store.selectFrom('schedule').select(['team', 'level']).execute();
  for (const key of schedules) await inTransaction(store, (trx) => rebuildSpans(trx, key, now));
}

/** Forget who was on duty, overrides and notes of more than 90 days ago. @returns rows */
export async function purgeOncall(store: Store, now: number): Promise<number> {
  const before = now - KEPT_MS;
  const results = [
    await store.deleteFrom('oncall_span').where('to_at', '<', before).executeTakeFirst(),
    await store.deleteFrom('oncall_override').where('to_at', '<', before).executeTakeFirst(),
    await store.deleteFrom('handover_note').where('at', '<', before).executeTakeFirst(),
  ];
  return results.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0);
}

async function planOf(
  db: Queryable,
  { team, level, timeZone }: ScheduleKey & { timeZone: string },
  now: number,
): Promise<SchedulePlan> {
  const of = { team, level };
  return {
    timeZone,
    rotations: await rotationsOf(db, of),
    overrides: await overridesOf(db, of, now),
  };
}

/** The overrides of a schedule that are in force or to come, in the order in which they were made. @param now UTC ms */
export async function overridesOf(
  db: Queryable,
  { team, level }: ScheduleKey,
  now: number,
): Promise<SchedulePlan['overrides']> {
  const rows = await db
    .selectFrom('oncall_override')
    .selectAll()
    .where('team', '=', team)
    .where('level', '=', level)
    .where('to_at', '>', now)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(({ id, from_at, to_at, username, replaces }) => ({
    ...{ id, from: from_at, to: to_at, user: username, replaces },
  }));
}

/** The rotations of a schedule with their members, in their order. */
export async function rotationsOf(
  db: Queryable,
  { team, level }: ScheduleKey,
): Promise<SchedulePlan['rotations']> {
  const rotations = await db
    .selectFrom('rotation')
    .selectAll()
    .where('team', '=', team)
    .where('level', '=', level)
    .orderBy('position')
    .execute();
  const members = await db
    .selectFrom('rotation_member')
    .select(['rotation', 'username'])
    .where('team', '=', team)
    .where('level', '=', level)
    .orderBy('rotation')
    .orderBy('position')
    .execute();
  return rotations.map(({ position, kind, length, start, hours }) => ({
    ...{ kind, length, start },
    members: members.filter(({ rotation }) => rotation === position).map(({ username }) => username),
    hours: hours === null ? null : (JSON.parse(hours) as OpeningHours),
  }));
}

async function replaceSpans(
  trx: Queryable,
  { team, level }: ScheduleKey,
  duties: readonly Duty[],
  now: number,
): Promise<void> {
  const spans = () => trx.deleteFrom('oncall_span').where('team', '=', team).where('level', '=', level);
  await spans().where('from_at', '>=', now).execute();
  const running = await trx
    .selectFrom('oncall_span')
    .selectAll()
    .where('team', '=', team)
    .where('level', '=', level)
    .where('to_at', '>', now)
    .executeTakeFirst();
  const [first] = duties;
  const goesOn =
    first !== undefined && running?.username === first.user && running.override_id === first.override;
  if (running !== undefined)
    await trx
      .updateTable('oncall_span')
      .set({ to_at: goesOn ? first.to : now })
      .where('team', '=', team)
      .where('level', '=', level)
      .where('from_at', '=', running.from_at)
      .execute();
  const rows = (goesOn ? duties.slice(1) : duties).map(({ from, to, user, override }) => ({
    ...{ team, level, from_at: from, to_at: to, username: user, override_id: override },
  }));
  for (let index = 0; index < rows.length; index += ROWS)
    await trx
      .insertInto('oncall_span')
      .values(rows.slice(index, index + ROWS))
      .execute();
}
