/** A bucket of time [start, end) in UTC ms. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Sizes in which counts are given; weeks begin on Monday. */
export type BucketSize = 'minute' | 'quarter' | 'hour' | 'day' | 'week' | 'month';

const MINUTE_MS = 60_000;
/** Every zone's offset is a multiple of this, so that a quarter lies in one hour and one day of any site (ms). */
export const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The day number of the first Monday after 1970-01-01, a Thursday. */
const FIRST_MONDAY = 4;
/** What is kept of each kind of answer; then it begins anew. */
const MAX_KNOWN = 50_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formatters are slow to make and there are few zones, so each is made once. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}

/** The wall clock of a zone as if it were UTC: its difference from `at` is the zone's offset then. */
function wallClock(zone: string, at: number): number {
  return Math.floor(at / 1000) * 1000 + offsetAt(zone, at);
}

/** Offsets by zone and quarter of an hour: to ask the formatter takes much longer than all else that is done with a time. */
const offsets = new Map<string, Map<number, number>>();

function offsetAt(zone: string, at: number): number {
  const quarters = offsets.get(zone) ?? new Map<number, number>();
  offsets.set(zone, quarters);
  const start = Math.floor(at / QUARTER_MS) * QUARTER_MS;
  const kept = quarters.get(start);
  if (kept !== undefined) return kept;
  const offset = formattedOffset(zone, start);
  // Clocks have changed at a minute past midnight too (St. John's until 2011).
  if (formattedOffset(zone, start + QUARTER_MS - 1000) !== offset) return formattedOffset(zone, at);
  if (quarters.size >= MAX_KNOWN) quarters.clear();
  quarters.set(start, offset);
  return offset;
}

function formattedOffset(zone: string, at: number): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wall - Math.floor(at / 1000) * 1000;
}

/** The first instant of the site day that contains `at`; days of 23 and 25 hours included. */
export function startOfDay(zone: string, at: number): number {
  return bucketAt(zone, 'day', at).start;
}

/**
 * The first instant of a local day; `day` counts days of the wall clock since 1970. Where clocks are put forward at
 * midnight (Havana, Santiago) the day begins after the missing hour; where midnight comes twice, at the first one.
 */
function midnight(zone: string, day: number): number {
  return instantOf(zone, day * DAY_MS);
}

/**
 * When a site closes, at `HH:MM` of its wall clock, in (from, to]. Where the clock skips that time it closes when the
 * clock has been put forward, where it comes twice it closes the first time.
 */
export function closingsIn(zone: string, time: string, range: { from: number; to: number }): number[] {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const first = wallDay(zone, range.from);
  const days = wallDay(zone, range.to) - first + 1;
  return Array.from({ length: days }, (_, index) =>
    instantOfDay(zone, first + index, hours * 60 + minutes),
  ).filter((at) => at > range.from && at <= range.to);
}

/** The day of the wall clock at an instant, in days since 1970. */
export function wallDay(zone: string, at: number): number {
  return Math.floor(wallClock(zone, at) / DAY_MS);
}

/** When the wall clock shows so many minutes after midnight of a day (days since 1970), or jumps over that. */
export function instantOfDay(zone: string, day: number, minutes: number): number {
  return instantOf(zone, day * DAY_MS + minutes * MINUTE_MS);
}

/** The first instant at which the wall clock shows `wall` (as if it were UTC), or jumps over it. */
export function instantOf(zone: string, wall: number): number {
  // Offsets lie between -12 h and +14 h, so local midnight lies between these two instants.
  const before = offsetAt(zone, wall - 15 * HOUR_MS);
  const after = offsetAt(zone, wall + 13 * HOUR_MS);
  const candidates = [wall - before, wall - after].filter((at) => at + offsetAt(zone, at) === wall);
  if (candidates.length > 0) return Math.min(...candidates);
  return changeOfOffset(zone, Math.min(wall - before, wall - after), Math.max(wall - before, wall - after));
}

/** The first instant in (from, to] that has the offset of `to`, to the second. */
function changeOfOffset(zone: string, from: number, to: number): number {
  const wanted = offsetAt(zone, to);
  let [low, high] = [from, to];
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(zone, middle) === wanted) high = middle;
    else low = middle;
  }
  return high;
}

/** The instant at which the wall clock showed the same time so many days before. */
export function daysBefore(zone: string, at: number, days: number): number {
  return instantOf(zone, wallClock(zone, at) - days * DAY_MS);
}

/** An instant as ISO 8601 with the zone's offset at that time, such as 2026-03-02T10:00:00+07:00. */
export function isoWithOffset(zone: string, at: number): string {
  const minutes = Math.round(offsetAt(zone, at) / MINUTE_MS);
  const pad = (value: number) => String(value).padStart(2, '0');
  const local = new Date(Math.floor(at / 1000) * 1000 + minutes * MINUTE_MS).toISOString().slice(0, 19);
  const size = Math.abs(minutes);
  return `${local}${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** The buckets that overlap [from, to), aligned to the wall clock of the zone. */
export function bucketsOf(zone: string, size: BucketSize, range: { from: number; to: number }): Span[] {
  const spans: Span[] = [];
  let at = range.from;
  while (at < range.to) {
    const span = bucketAt(zone, size, at);
    spans.push(span);
    at = span.end;
  }
  return spans;
}

/** Buckets that were asked for, by zone, size and quarter: a batch asks for the same ones again and again. */
const known = new Map<string, Span>();

/** The bucket that holds an instant. */
export function bucketAt(zone: string, size: BucketSize, at: number): Span {
  if (size === 'minute') return floorTo(MINUTE_MS, at);
  if (size === 'quarter') return floorTo(QUARTER_MS, at);
  const key = `${zone} ${size} ${Math.floor(at / QUARTER_MS)}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const span = size === 'hour' ? hourAt(zone, at) : daysAt(zone, size, at);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, span);
  return span;
}

function floorTo(length: number, at: number): Span {
  const start = Math.floor(at / length) * length;
  return { start, end: start + length };
}

/**
 * Zones with half-hour offsets have their full hours between those of UTC. On Lord Howe Island clocks change by half an
 * hour, so that the hour of the change ends or begins early.
 */
function hourAt(zone: string, at: number): Span {
  const shiftOf = (instant: number) => offsetAt(zone, instant) % HOUR_MS;
  const shift = shiftOf(at);
  const start = Math.floor((at + shift) / HOUR_MS) * HOUR_MS - shift;
  const end = start + HOUR_MS;
  return {
    start: shiftOf(start) === shift ? start : changeOfOffset(zone, start, at),
    end: shiftOf(end - 1000) === shift ? end : changeOfOffset(zone, at, end - 1000),
  };
}

function daysAt(zone: string, size: 'day' | 'week' | 'month', at: number): Span {
  const day = wallDay(zone, at);
  return { start: midnight(zone, firstDay(size, day)), end: midnight(zone, nextFirstDay(size, day)) };
}

/** The first day of the day, week or month that holds a day; days of the wall clock since 1970. */
function firstDay(size: 'day' | 'week' | 'month', day: number): number {
  if (size === 'day') return day;
  if (size === 'week') return day - ((((day - FIRST_MONDAY) % 7) + 7) % 7);
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS;
}

function nextFirstDay(size: 'day' | 'week' | 'month', day: number): number {
  const first = firstDay(size, day);
  if (size !== 'month') return first + (size === 'day' ? 1 : 7);
  const date = new Date(first * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS;
}
