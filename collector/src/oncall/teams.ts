import type { NewSchedule, NewTeam, Team } from '../schema/oncall.js';
import { ListedError, ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import { rebuildSpans, rotationsOf, type ScheduleKey } from './spans.js';

/** Every team with its members and schedules, by name. */
export async function listTeams(db: Queryable): Promise<Team[]> {
  const teams = await db.selectFrom('team').selectAll().orderBy('title').execute();
  const members = await db.selectFrom('team_member').selectAll().orderBy('username').execute();
  const schedules = await db.selectFrom('schedule').selectAll().orderBy('level').execute();
  return Promise.all(
    teams.map(async ({ name, title }) => ({
      ...{ name, title },
      members: members.filter(({ team }) => team === name).map(({ username }) => username),
      schedules: await Promise.all(
        schedules
          .filter(({ team }) => team === name)
          .map(async ({ level, time_zone }) => ({
            ...{ level, timeZone: time_zone },
            rotations: (await rotationsOf(db, { team: name, level })).map((rotation) => ({
              ...rotation,
              members: [...rotation.members],
            })),
          })),
      ),
    })),
  );
}

/**
 * Make a team, or change its title and members; who leaves it leaves its rotations, too.
 * @throws ProblemError when a member is no user
 */
export async function saveTeam(
  trx: Queryable,
  name: string,
  { title, members }: NewTeam,
  now: number,
): Promise<void> {
  await trx
    .insertInto('team')
    .values({ name, title, created_at: now })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ title }))
    .execute();
  const wanted = [...new Set(members)];
  await holdUsers(trx, wanted);
  const leaving = trx.deleteFrom('team_member').where('team', '=', name);
  await (wanted.length === 0 ? leaving : leaving.where('username', 'not in', wanted)).execute();
  for (const username of wanted)
    await trx
      .insertInto('team_member')
      .values({ team: name, username })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  const schedules = await trx.selectFrom('schedule').select('level').where('team', '=', name).execute();
  for (const { level } of schedules) await rebuildSpans(trx, { team: name, level }, now);
}

async function holdUsers(db: Queryable, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const known = await db.selectFrom('user').select('username').where('username', 'in', names).execute();
  const unknown = names.find((name) => !known.some(({ username }) => username === name));
  if (unknown !== undefined)
    throw new ListedError([
      { path: 'members', message: `there is no user "${unknown}"; add the person first` },
    ]);
}

/** Remove a team with its schedules. @throws ProblemError when there is none */
export async function removeTeam(trx: Queryable, name: string): Promise<void> {
  const { numDeletedRows } = await trx.deleteFrom('team').where('name', '=', name).executeTakeFirst();
  if (numDeletedRows === 0n) throw new ProblemError(404, `there is no team "${name}"`);
}

/**
 * Make the schedule of a level, or replace its zone and rotations; overrides stay.
 * @throws ProblemError when there is no such team, or a member of a rotation is not in it
 */
export async function saveSchedule(
  trx: Queryable,
  key: ScheduleKey,
  { timeZone, rotations }: NewSchedule,
  now: number,
): Promise<void> {
  const { team, level } = key;
  await trx.deleteFrom('rotation').where('team', '=', team).where('level', '=', level).execute();
  await holdMembers(trx, team, rotations);
  await trx
    .insertInto('schedule')
    .values({ team, level, time_zone: timeZone, built_to: now })
    .onConflict((conflict) => conflict.columns(['team', 'level']).doUpdateSet({ time_zone: timeZone }))
    .execute();
  for (const [position, rotation] of rotations.entries()) {
    const { kind, length, start, hours } = rotation;
    await trx
      .insertInto('rotation')
      .values({
        ...{ team, level, position, kind, length, start },
        hours: hours === null ? null : JSON.stringify(hours),
      })
      .execute();
    const rows = rotation.members.map((username, index) => ({
      ...{ team, level, rotation: position, position: index, username },
    }));
    await trx.insertInto('rotation_member').values(rows).execute();
  }
  await rebuildSpans(trx, key, now);
}

/** @throws ProblemError when there is no such team, or a member of a rotation is not in it */
export async function holdMembers(
  db: Queryable,
  team: string,
  rotations: NewSchedule['rotations'],
): Promise<void> {
  const found = await db.selectFrom('team').select('name').where('name', '=', team).executeTakeFirst();
  if (found === undefined) throw new ProblemError(404, `there is no team "${team}"`);
  const rows = await db.selectFrom('team_member').select('username').where('team', '=', team).execute();
  const members = rows.map(({ username }) => username);
  const errors = rotations.flatMap((rotation, position) =>
    rotation.members
      .filter((name) => !members.includes(name))
      .map((name) => ({
        path: `rotations.${position}.members`,
        message: `"${name}" is not in the team "${team}"; add the person to it first`,
      })),
  );
  if (errors.length > 0) throw new ListedError(errors);
}

/** Remove the schedule of a level, and with it who was on duty. @throws ProblemError when there is none */
export async function removeSchedule(trx: Queryable, { team, level }: ScheduleKey): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('schedule')
    .where('team', '=', team)
    .where('level', '=', level)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw noSchedule({ team, level });
}

/** Says which schedule there is not. */
export function noSchedule({ team, level }: ScheduleKey): ProblemError {
  return new ProblemError(404, `the team "${team}" has no schedule for level ${level}`);
}
