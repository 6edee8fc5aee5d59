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
  /** By {@link lineKey}: signs of the line, and of its site where people enter and leave that by it. */
  readonly byLine: ReadonlyMap<string, readonly Risk[]>;
}

/** Since when the newest of a line's signs has been there; UTC ms, undefined without one. */
export function newestRisk(risks: readonly Risk[] = []): number | undefined {
  return risks.length === 0 ? undefined : Math.max(...risks.map(({ since }) => since));
}

/**
 * Look for signs in what was counted, from stored sums.
 * @param now UTC ms
 * @param pause SQLite works in this thread: between small portions of the work gateways and pages get their turn
 */
export async function readRisks(
  store: Store,
  now: number,
  pause: () => Promise<unknown> = setImmediate,
): Promise<Risks> {
  const risks: Risk[] = [];
  const byLine = new Map<string, Risk[]>();
  const note = (line: Pick<Target, 'gateway' | 'camera' | 'id'>, risk: Risk) => {
    const key = lineKey({ ...line, line: line.id });
    byLine.set(key, [...(byLine.get(key) ?? []), risk]);
  };
  for (const site of await sitesOf(store)) {
    const { signal, entrances } = await readSiteSignal(store, { site, now, pause });
    await pause();
    if (signal === null) continue;
    const { name, timeZone } = site;
    const risk = riskOf(signal, { site: name, timeZone, gateway: null, camera: null, line: null });
    risks.push(risk);
    for (const line of entrances) note(line, risk);
  }
  for (const { place, id, signal } of await readLineSignals(store, now, pause)) {
    const risk = riskOf(signal, { ...place, line: id });
    risks.push(risk);
    note({ gateway: place.gateway, camera: place.camera, id }, risk);
  }
  return { risks, byLine };
}

async function readSiteSignal(
  store: Store,
  { site, now, pause }: { site: Site; now: number; pause: () => Promise<unknown> },
): Promise<{ signal: Signal | null; entrances: readonly Target[] }> {
  const read = await readSiteOccupancy(store, site, now, pause);
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

async function readLineSignals(store: Store, now: number, pause: () => Promise<unknown>) {
  const gateways = await store.selectFrom('gateway').select('name').orderBy('site').orderBy('name').execute();
  const found = [];
  const open = await openSharesOf(store, undefined, {
    from: now - WEEKS_BACK * DAYS_OF_WEEK * DAY_MS,
    to: now,
  });
  for (const { name: gateway } of gateways) {
    await pause();
    const targets = await targetsOf(store, { kind: 'line', gateway, from: now });
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
