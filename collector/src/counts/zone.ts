/** A bucket of time [start, end) in UTC ms. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Sizes in which counts are given. */
export type BucketSize = 'minute' | 'hour' | 'day';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

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
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

function offsetAt(zone: string, at: number): number {
  return wallClock(zone, at) - Math.floor(at / 1000) * 1000;
}

/** The first instant of the site day that contains `at`; days of 23 and 25 hours included. */
export function startOfDay(zone: string, at: number): number {
  return midnight(zone, Math.floor(wallClock(zone, at) / (24 * HOUR_MS)));
}

function nextDay(zone: string, at: number): number {
  return midnight(zone, Math.floor(wallClock(zone, at) / (24 * HOUR_MS)) + 1);
}

/**
 * The first instant of a local day; `day` counts days of the wall clock since 1970. Where clocks are put forward at
 * midnight (Havana, Santiago) the day begins after the missing hour; where midnight comes twice, at the first one.
 */
function midnight(zone: string, day: number): number {
  return instantOf(zone, day * 24 * HOUR_MS);
}

/**
 * When a site closes, at `HH:MM` of its wall clock, in (from, to]. Where the clock skips that time it closes when the
 * clock has been put forward, where it comes twice it closes the first time.
 */
export function closingsIn(zone: string, time: string, range: { from: number; to: number }): number[] {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const DAY_MS = 24 * HOUR_MS;
  const first = Math.floor(wallClock(zone, range.from) / DAY_MS);
  const last = Math.floor(wallClock(zone, range.to) / DAY_MS);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    instantOf(zone, (first + index) * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS),
  ).filter((at) => at > range.from && at <= range.to);
}

/** The first instant at which the wall clock shows `wall` (as if it were UTC), or jumps over it. */
function instantOf(zone: string, wall: number): number {
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

/** The buckets that overlap [from, to), aligned to the wall clock of the zone. */
export function bucketsOf(zone: string, size: BucketSize, range: { from: number; to: number }): Span[] {
  const spans: Span[] = [];
  let start = startOf(zone, size, range.from);
  while (start < range.to) {
    const end = endOf(zone, size, start);
    spans.push({ start, end });
    start = end;
  }
  return spans;
}

function startOf(zone: string, size: BucketSize, at: number): number {
  if (size === 'day') return startOfDay(zone, at);
  if (size === 'minute') return Math.floor(at / MINUTE_MS) * MINUTE_MS;
  // Zones with half-hour offsets have their full hours between those of UTC.
  const shift = offsetAt(zone, at) % HOUR_MS;
  return Math.floor((at + shift) / HOUR_MS) * HOUR_MS - shift;
}

function endOf(zone: string, size: BucketSize, start: number): number {
  if (size === 'day') return nextDay(zone, start);
  return start + (size === 'hour' ? HOUR_MS : MINUTE_MS);
}
