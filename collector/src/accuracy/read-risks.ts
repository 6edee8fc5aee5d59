import { setImmediate } from 'node:timers/promises';
import { openSharesOf } from '../counts/open-shares.js';
import { daySums, type DaySum } from '../counts/read-days.js';
import { readSiteOccupancy } from '../counts/read-site.js';
import { emptySum, tallyOf } from '../counts/sums.js';
import { targetsOf, type Target } from '../counts/targets.js';
import { bucketAt, daysBefore, isoWithOffset, type Span } from '../counts/zone.js';
import { sitesOf, type Site } from '../fleet/sites.js';
import type { Risk } from '../schema/accuracy.js';
import type { Store } from '../store/store.js';
import { lineKey } from './evidence.js';
import { lineSignals, occupancySignal, type LineDay, type Signal } from './risks.js';

const DAY_MS = 24 * 3_600_000;
const DAYS_OF_WEEK = 7;
/** Weeks with which the newest day is compared (operations design, rule count-anomaly). */
const WEEKS_BACK = 8;

/** Signs that lines count wrongly. */
export interface Risks {
  readonly risks: Risk[];
  /** By {@link lineKey}: since when the newest sign of the line has been there; UTC ms. */
  readonly since: ReadonlyMap<string, number>;
}

/** Look for signs in what was counted, from stored sums. @param now UTC ms */
export async function readRisks(store: Store, now: number): Promise<Risks> {
  const risks: Risk[] = [];
  const since = new Map<string, number>();
  const note = (line: Pick<Target, 'gateway' | 'camera' | 'id'>, signal: Signal) => {
    const key = lineKey({ ...line, line: line.id });
    since.set(key, Math.max(since.get(key) ?? 0, signal.since));
  };
  for (const site of await sitesOf(store)) {
    const { signal, entrances } = await readSiteSignal(store, site, now);
    // SQLite works in this thread: gateways and other pages get their turn.
    await setImmediate();
    if (signal === null) continue;
    const { name, timeZone } = site;
    risks.push(riskOf(signal, { site: name, timeZone, gateway: null, camera: null, line: null }));
    for (const line of entrances) note(line, signal);
  }
  for (const { place, id, signal } of await readLineSignals(store, now)) {
    risks.push(riskOf(signal, { ...place, line: id }));
    note({ gateway: place.gateway, camera: place.camera, id }, signal);
  }
  return { risks, since };
}

async function readSiteSignal(
  store: Store,
  site: Site,
  now: number,
): Promise<{ signal: Signal | null; entrances: readonly Target[] }> {
  const read = await readSiteOccupancy(store, site, now);
  if ('missing' in read) return { signal: null, entrances: [] };
  const { entrances, completeness, occupancy } = read;
  // An entrance that was not there from the beginning of the day has not seen who came before.
  const whole = (from: number) => entrances.every(({ firstAt }) => firstAt <= from);
  const days = occupancy.days
    .filter(({ drift }) => drift !== null)
    .map((day) => {
      const { from, to } = day;
      return { ...day, completeness: whole(from) ? completeness({ start: from, end: to }) : null };
    });
  return { signal: occupancySignal(days), entrances };
}

async function readLineSignals(store: Store, now: number) {
  const lines = await targetsOf(store, { kind: 'line', from: now });
  const gateways = new Map<string, Target[]>();
  for (const line of lines) gateways.set(line.gateway, [...(gateways.get(line.gateway) ?? []), line]);
  const found = [];
  const open = await openSharesOf(store, undefined, {
    from: now - WEEKS_BACK * DAYS_OF_WEEK * DAY_MS,
    to: now,
  });
  for (const [gateway, targets] of gateways) {
    const [first] = targets;
    if (first === undefined) continue;
    const { site, timeZone } = first;
    const { week, sameWeekday } = daysOf(timeZone, now);
    const starts = [...sameWeekday, ...week].map(({ start }) => start);
    const sums = await daySums(store, gateway, starts);
    for (const line of targets) {
      const { camera, id } = line;
      const dayOf = (day: Span) =>
        lineDay(line, { ...day, sum: sums(line, day.start), open: open(site, day), now });
      for (const signal of lineSignals(week.map(dayOf), sameWeekday.map(dayOf)))
        found.push({ place: { site, timeZone, gateway, camera }, id, signal });
    }
    await setImmediate();
  }
  return found;
}

/** The last closed site days, ascending, and those of the newest's weekday in the weeks before. */
function daysOf(timeZone: string, now: number): { week: Span[]; sameWeekday: Span[] } {
  const { start } = bucketAt(timeZone, 'day', now);
  const dayBefore = (days: number) => bucketAt(timeZone, 'day', daysBefore(timeZone, start, days));
  return {
    week: Array.from({ length: DAYS_OF_WEEK }, (_, index) => dayBefore(DAYS_OF_WEEK - index)),
    sameWeekday: Array.from({ length: WEEKS_BACK }, (_, index) => dayBefore(1 + DAYS_OF_WEEK * (index + 1))),
  };
}

function lineDay(
  line: Target,
  { sum, open, now, ...day }: Span & { sum: DaySum | undefined; open: number | null; now: number },
): LineDay {
  const [observedMs, coveredMs] = [sum?.observed_ms ?? 0, sum?.covered_ms ?? 0];
  const { completeness } = tallyOf([line], day, { ...emptySum(), observedMs, coveredMs }, now);
  return {
    ...{ start: day.start, crossings: (sum?.in_count ?? 0) + (sum?.out_count ?? 0) },
    ...{ stitched: sum?.stitched ?? 0, observedMs, suspectMs: sum?.suspectMs ?? 0 },
    ...{ completeness: line.firstAt <= day.start ? completeness : null, open },
  };
}

type Place = Pick<Risk, 'site' | 'timeZone' | 'gateway' | 'camera' | 'line'>;

function riskOf(signal: Signal, place: Place): Risk {
  return { ...place, ...signal, sentence: sentenceOf(signal, place) };
}

function sentenceOf({ kind, value, expected, threshold, basis, since }: Signal, place: Place): string {
  const percent = (share: number) => `${Math.round(Math.abs(share) * 1000) / 10} %`;
  const day = isoWithOffset(place.timeZone, since).slice(0, 10);
  const line = `${place.gateway ?? ''}/${place.camera ?? ''}/${place.line ?? ''}`;
  switch (kind) {
    case 'occupancy-left': {
      const more = value > 0 ? 'went in and never out' : 'went out and never in';
      return `${place.site}: by closing, ${percent(value)} of ${basis} people ${more}; up to ${percent(threshold)} is usual. Since ${day}.`;
    }
    case 'stitched':
      return `${line}: ${percent(value)} of ${basis} crossings rest on two tracks taken for one person; up to ${percent(threshold)} is usual. Since ${day}.`;
    case 'suspect':
      return `${line}: ${percent(value)} of the time was counted from a bad picture; up to ${percent(threshold)} is usual. Since ${day}.`;
    case 'weekday-change':
      return `${line}: ${value} crossings on ${day}; ${expected ?? 0} ± ${Math.round(threshold)} are usual on this weekday, from ${basis} weeks.`;
  }
}
