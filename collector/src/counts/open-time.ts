import { WEEKDAYS, type Closure, type OpeningHours } from '../schema/sites.js';
import { bucketAt, instantOfDay, wallDay, type Span } from './zone.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** The weekday of day 0, 1970-01-01, a Thursday, counted from Monday. */
const FIRST_WEEKDAY = 3;

/** When a site is open. */
export interface Calendar {
  readonly timeZone: string;
  readonly hours: OpeningHours;
  readonly closures: readonly Closure[];
}

/**
 * The stretches of [from, to) in which a site is open, ascending, none touching another. Times are those of its wall clock, so
 * that a night in which clocks change makes a stretch an hour longer or shorter, and a time that is skipped counts as the
 * moment after.
 */
export function openSpans(calendar: Calendar, { from, to }: { from: number; to: number }): Span[] {
  const { timeZone, closures } = calendar;
  const week = WEEKDAYS.map((weekday) => hoursIn(calendar.hours[weekday]));
  const spans: { start: number; end: number }[] = [];
  // Yesterday's hours may reach over midnight.
  let today = bucketAt(timeZone, 'day', bucketAt(timeZone, 'day', from).start - 1);
  for (let day = wallDay(timeZone, today.start); today.start < to; day++) {
    const midnight = today;
    for (const [open, close] of hoursOf({ week, closures }, day)) {
      const start = Math.max(from, instantOn(timeZone, midnight, day, open));
      const end = Math.min(to, instantOn(timeZone, midnight, day, close));
      const last = spans.at(-1);
      if (end <= start) continue;
      if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
      else spans.push({ start, end });
    }
    today = bucketAt(timeZone, 'day', today.end);
  }
  return spans;
}

/** Clocks change on few days: on the others it is enough to add. */
function instantOn(zone: string, today: Span, day: number, minutes: number): number {
  const plain = today.end - today.start === DAY_MS && minutes <= 24 * 60;
  return plain ? today.start + minutes * MINUTE_MS : instantOfDay(zone, day, minutes);
}

/** The share of a span in which a site is open, 0 to 1. @param open ascending, none touching another */
export function openShare(open: readonly Span[], { start, end }: Span): number {
  let ms = 0;
  for (let index = firstEndingAfter(open, start); index < open.length; index++) {
    const span = open[index];
    if (span === undefined || span.start >= end) break;
    ms += Math.min(end, span.end) - Math.max(start, span.start);
  }
  return ms / (end - start);
}

/** By halves: a year has hundreds of stretches, and each of its days asks. */
function firstEndingAfter(open: readonly Span[], at: number): number {
  let [low, high] = [0, open.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((open[middle]?.end ?? Infinity) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The closure that holds an instant. */
export function closureAt({ timeZone, closures }: Calendar, at: number): Closure | undefined {
  return closureOf(closures, wallDay(timeZone, at));
}

/** Minutes after midnight, ascending; one after 1440 lies in the next day. */
type DayHours = readonly (readonly [open: number, close: number])[];

/** @param day days since 1970 */
function hoursOf(
  { week, closures }: { week: readonly DayHours[]; closures: readonly Closure[] },
  day: number,
): DayHours {
  const closure = closureOf(closures, day);
  if (closure !== undefined) return hoursIn(closure.hours);
  return week[(((day + FIRST_WEEKDAY) % 7) + 7) % 7] ?? [];
}

function hoursIn(text: string | undefined): DayHours {
  if (text === undefined) return [];
  return text
    .split(',')
    .map((part) => {
      const [open = 0, close = 0] = part.trim().split('-').map(minutes);
      return [open, close > open ? close : close + 24 * 60] as const;
    })
    .sort(([a], [b]) => a - b);
}

function closureOf(closures: readonly Closure[], day: number): Closure | undefined {
  if (closures.length === 0) return undefined;
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  return closures.find(({ from, to = from }) => date >= from && date <= to);
}

function minutes(time: string): number {
  const [hours = 0, rest = 0] = time.split(':').map(Number);
  return hours * 60 + rest;
}
