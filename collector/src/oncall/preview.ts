import type { NewSchedule, SchedulePreview } from '../schema/oncall.js';
import type { Queryable } from '../store/store.js';
import { gapsOf } from './gaps.js';
import { handOff, planDuties } from './plan.js';
import { overridesOf, type ScheduleKey } from './spans.js';
import { holdMembers } from './teams.js';

/** How far a preview looks (ms). */
const AHEAD_MS = 14 * 24 * 3_600_000;
/** A schedule of one-hour turns has 336 hand-offs; nobody reads more. */
const MOST_DUTIES = 1000;

/**
 * Who would be on duty by a schedule that is not saved, overrides included, and what would stand in the way of reaching them.
 * @param now UTC ms
 * @throws ProblemError as saving does
 */
export async function previewSchedule(
  db: Queryable,
  key: ScheduleKey,
  { timeZone, rotations }: NewSchedule,
  now: number,
): Promise<SchedulePreview> {
  await holdMembers(db, key.team, rotations);
  const range = { from: now, to: now + AHEAD_MS };
  const plan = { timeZone, rotations, overrides: await overridesOf(db, key, now) };
  const duties = planDuties(plan, range);
  const people = duties.filter(({ user }) => user !== null);
  return {
    ...range,
    duties: duties.slice(0, MOST_DUTIES).map((duty) => ({
      ...duty,
      gap: duty.user === null ? reasonOf(plan, duty.from) : null,
    })),
    problems: await gapsOf(
      db,
      people.map((duty) => ({ ...key, ...duty })),
    ),
  };
}

/** Why no rotation covers a moment. @param at UTC ms */
function reasonOf(
  { timeZone, rotations }: NewSchedule,
  at: number,
): NonNullable<SchedulePreview['duties'][number]['gap']> {
  if (rotations.length === 0) return 'no-rotation';
  const begun = rotations.some((rotation) => handOff(rotation, timeZone, 0) <= at);
  return begun ? 'out-of-hours' : 'not-begun';
}
