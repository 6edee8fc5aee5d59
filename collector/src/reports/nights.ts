import { instantOfDay, wallDay } from '../counts/zone.js';
import type { Queryable } from '../store/store.js';
import { groupBy } from './group.js';
import type { ReportSpan } from './span.js';

/** People sleep from 22:00 to 07:00 (minutes after midnight of the wall clock). */
const NIGHT = { from: 22 * 60, to: 7 * 60 };

/**
 * The night that an instant lies in, named by the day (since 1970) on whose evening it begins; undefined by day. It is the wall clock
 * that counts, so that the night in which clocks are put forward has eight hours and the one in which they are put back ten.
 */
export function nightAt(zone: string, at: number): number | undefined {
  const day = wallDay(zone, at);
  if (at >= instantOfDay(zone, day, NIGHT.from)) return day;
  return at < instantOfDay(zone, day, NIGHT.to) ? day - 1 : undefined;
}

/** Where somebody lives at an instant, as far as their schedules say. */
export type ZoneOf = (person: string, at: number) => string | undefined;

/**
 * The zone of the schedule by which somebody is on duty at an instant, the lowest level first; of somebody who is not on duty then
 * (or so long ago that duties are forgotten) that of a schedule in which they take turns; undefined for somebody who is in none.
 */
export async function zonesOfPeople(db: Queryable, span: ReportSpan): Promise<ZoneOf> {
  const duties = await db
    .selectFrom('oncall_span as duty')
    .innerJoin('schedule', (join) =>
      join.onRef('schedule.team', '=', 'duty.team').onRef('schedule.level', '=', 'duty.level'),
    )
    .select(['duty.username', 'duty.from_at', 'duty.to_at', 'schedule.time_zone'])
    .where('duty.username', 'is not', null)
    .where('duty.from_at', '<', span.to)
    .where('duty.to_at', '>', span.from)
    .orderBy('duty.level')
    .orderBy('duty.team')
    .execute();
  const turns = await db
    .selectFrom('rotation_member as member')
    .innerJoin('schedule', (join) =>
      join.onRef('schedule.team', '=', 'member.team').onRef('schedule.level', '=', 'member.level'),
    )
    .select(['member.username', 'schedule.time_zone'])
    .orderBy('member.level')
    .orderBy('member.team')
    .execute();
  const byPerson = groupBy(duties, ({ username }) => username);
  return (person, at) =>
    byPerson.get(person)?.find(({ from_at, to_at }) => from_at <= at && at < to_at)?.time_zone ??
    turns.find(({ username }) => username === person)?.time_zone;
}
