import { randomUUID } from 'node:crypto';
import type { NewOverride, Override } from '../schema/oncall.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { OncallTables } from '../store/tables-oncall.js';
import { AHEAD_MS, lockSchedule, rebuildSpans } from './spans.js';
import { noSchedule } from './teams.js';

type Row = OncallTables['oncall_override'];

/**
 * Somebody else is on duty for a while; what lies in the past stays as it was.
 * @throws ProblemError when there is no such schedule or person, or it lies in the past or beyond what is planned
 */
export async function addOverride(
  trx: Queryable,
  wanted: NewOverride,
  { createdBy, now }: { createdBy: string; now: number },
): Promise<Override> {
  const { team, level, to, user, reason, replaces } = wanted;
  const from = Math.max(wanted.from, now);
  if (to <= now) throw new ProblemError(400, 'to: has passed; who was on duty cannot be changed');
  if (to > now + AHEAD_MS) throw new ProblemError(400, 'to: must lie in the next 90 days');
  if (!(await lockSchedule(trx, { team, level }))) throw noSchedule({ team, level });
  await holdPerson(trx, 'user', user);
  if (replaces !== null) await holdPerson(trx, 'replaces', replaces);
  const id = randomUUID();
  const row = { id, team, level, from_at: from, to_at: to, username: user, reason, replaces };
  await trx
    .insertInto('oncall_override')
    .values({ ...row, created_by: createdBy, created_at: now })
    .execute();
  await rebuildSpans(trx, { team, level }, now);
  return { ...wanted, id, from, createdBy };
}

async function holdPerson(db: Queryable, field: string, username: string): Promise<void> {
  const found = await db
    .selectFrom('user')
    .select('disabled_at')
    .where('username', '=', username)
    .executeTakeFirst();
  if (found === undefined) throw new ProblemError(400, `${field}: there is no user "${username}"`);
  if (field === 'user' && found.disabled_at !== null)
    throw new ProblemError(400, `user: "${username}" is locked out and cannot be on duty`);
}

/** @returns undefined when there is none */
export async function overrideOf(db: Queryable, id: string): Promise<Override | undefined> {
  const row = await db.selectFrom('oncall_override').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : answerOf(row);
}

/** The override as people see it. */
export function answerOf(row: Row): Override {
  const { id, team, level, from_at, to_at, username, reason, replaces, created_by } = row;
  return {
    id,
    team,
    level,
    from: from_at,
    to: to_at,
    user: username,
    reason,
    replaces,
    createdBy: created_by,
  };
}

/** Take back an override; one that has begun ends now, so that it stays known who was on duty. */
export async function endOverride(
  trx: Queryable,
  { id, team, level, from, to }: Override,
  now: number,
): Promise<void> {
  if (to <= now) throw new ProblemError(409, 'it is over; who was on duty cannot be changed');
  if (from < now) await trx.updateTable('oncall_override').set({ to_at: now }).where('id', '=', id).execute();
  else await trx.deleteFrom('oncall_override').where('id', '=', id).execute();
  await rebuildSpans(trx, { team, level }, now);
}
