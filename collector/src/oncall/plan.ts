import { openSpans } from '../counts/open-time.js';
import { instantOfDay, wallDay } from '../counts/zone.js';
import type { OpeningHours } from '../schema/sites.js';

const DAY_MS = 24 * 3_600_000;
const DAY_MINUTES = 24 * 60;

/** People who take turns. */
export interface RotationPlan {
  readonly kind: 'hours' | 'days' | 'weeks' | 'months';
  /** How many of them a turn lasts. */
  readonly length: number;
  /** The first hand-off on the wall clock of the schedule's zone, such as 2026-03-02T09:00; nobody is on duty before. */
  readonly start: string;
  /** In the order of their turns. */
  readonly members: readonly string[];
  /** Hours of the week in which it is on duty; null for all. */
  readonly hours: OpeningHours | null;
}

/** Somebody else is on duty for a while. */
export interface OverridePlan {
  readonly id: string;
  /** UTC ms. */
  readonly from: number;
  readonly to: number;
  readonly user: string;
  /** Only where this person would be on duty; null for whoever is, and where nobody is. */
  readonly replaces: string | null;
}

/** What says who is on duty. */
export interface SchedulePlan {
  /** IANA. */
  readonly timeZone: string;
  /** Where several cover a moment, the first one counts. */
  readonly rotations: readonly RotationPlan[];
  /** In the order in which they were made: where several cover a moment, the last one counts. */
  readonly overrides: readonly OverridePlan[];
}

/** Who is on duty in [from, to), UTC ms. */
export interface Duty {
  readonly from: number;
  readonly to: number;
  /** Null where nobody is. */
  readonly user: string | null;
  /** The override that says so; null for a rotation. */
  readonly override: string | null;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Who is on duty in a range: stretches without hole or overlap from its beginning to its end, and nobody where no rotation
 * and no override covers. Two neighbours differ.
 */
export function planDuties(plan: SchedulePlan, range: Range): Duty[] {
  const layers = plan.rotations.map((rotation) => shiftsOf(rotation, plan.timeZone, range));
  const inRange = (at: number) => at > range.from && at < range.to;
  const edges = [...layers.flat(), ...plan.overrides].flatMap(({ from, to }) => [from, to]).filter(inRange);
  const starts = [...new Set([range.from, ...edges])].sort((a, b) => a - b);
  const lookups = layers.map(lookup);
  const newestFirst = [...plan.overrides].reverse();
  const duties: Duty[] = [];
  for (const [index, from] of starts.entries()) {
    const to = starts[index + 1] ?? range.to;
    const regular = lookups.reduce<string | null>((found, at) => found ?? at(from) ?? null, null);
    const override = newestFirst.find(
      (one) => one.from <= from && from < one.to && (one.replaces === null || one.replaces === regular),
    );
    append(duties, { from, to, user: override?.user ?? regular, override: override?.id ?? null });
  }
  return duties;
}

function append(duties: Duty[], next: Duty): void {
  const last = duties.at(-1);
  if (last?.user === next.user && last.override === next.override)
    duties.splice(-1, 1, { ...last, to: next.to });
  else duties.push(next);
}

interface Shift extends Range {
  readonly user: string;
}

/** Who of a layer is on duty at an instant; asked with ascending instants only. */
function lookup(shifts: readonly Shift[]): (at: number) => string | undefined {
  let index = 0;
  return (at) => {
    while ((shifts[index]?.to ?? Infinity) <= at) index++;
    const shift = shifts[index];
    return shift !== undefined && shift.from <= at ? shift.user : undefined;
  };
}

/** The shifts of a rotation in a range, cut to its hours of the week. */
function shiftsOf(rotation: RotationPlan, timeZone: string, range: Range): Shift[] {
  const turns = turnsOf(rotation, timeZone, range);
  const { hours } = rotation;
  if (hours === null) return turns;
  const open = openSpans({ timeZone, hours, closures: [] }, range);
  return turns.flatMap(({ from, to, user }) =>
    open
      .filter(({ start, end }) => start < to && end > from)
      .map(({ start, end }) => ({ from: Math.max(from, start), to: Math.min(to, end), user })),
  );
}

/** The turns of a rotation that reach into a range, ascending, each from one hand-off to the next. */
function turnsOf(rotation: RotationPlan, timeZone: string, range: Range): Shift[] {
  const { members } = rotation;
  const turns: Shift[] = [];
  if (members.length === 0) return turns;
  let turn = Math.max(0, turnBefore(rotation, wallDay(timeZone, range.from)));
  let from = handOff(rotation, timeZone, turn);
  while (from < range.to) {
    turn++;
    const to = handOff(rotation, timeZone, turn);
    const user = members[(turn - 1) % members.length] ?? '';
    // A turn that lies in the hour that the clock skips has no time at all.
    if (to > range.from && to > from) turns.push({ from, to, user });
    from = to;
  }
  return turns;
}

/**
 * When turn number `turn` (from 0) begins. It is reckoned on the wall clock from the first hand-off, never from the one
 * before, so that 09:00 stays 09:00 when clocks change, and the 31st comes back after a shorter month, in which it is the
 * last day. A time that the clock skips is the moment at which it is put forward; of a time that comes twice it is the first.
 */
export function handOff({ kind, length, start }: RotationPlan, timeZone: string, turn: number): number {
  const { day, minutes } = wallOf(start);
  if (kind === 'months') return instantOfDay(timeZone, dayInMonths(day, turn * length), minutes);
  const passed = turn * length * (kind === 'hours' ? 60 : kind === 'days' ? DAY_MINUTES : 7 * DAY_MINUTES);
  const wall = minutes + passed;
  return instantOfDay(timeZone, day + Math.floor(wall / DAY_MINUTES), wall % DAY_MINUTES);
}

/** A turn that has begun before a day; one that is a little too early does no harm. */
function turnBefore({ kind, length, start }: RotationPlan, day: number): number {
  const days = day - wallOf(start).day - 1;
  const perDay = { hours: 24, days: 1, weeks: 1 / 7, months: 1 / 31 }[kind];
  return Math.floor((days * perDay) / length) - 1;
}

/** A time of the wall clock as day (since 1970) and minutes after midnight. */
function wallOf(text: string): { day: number; minutes: number } {
  const at = Date.parse(`${text}Z`);
  const day = Math.floor(at / DAY_MS);
  return { day, minutes: (at - day * DAY_MS) / 60_000 };
}

/** The same day of the month some months later, or the last one of a shorter month; days since 1970. */
function dayInMonths(day: number, months: number): number {
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last)) / DAY_MS;
}
