import { setImmediate } from 'node:timers/promises';
import { rollupSums } from '../counts/read-rollups.js';
import { readSiteOccupancy } from '../counts/read-site.js';
import { tallyOf, type Sum } from '../counts/sums.js';
import { groupsOf, targetsOf, type TargetGroup } from '../counts/targets.js';
import { bucketAt, daysBefore, isoWithOffset, type Span } from '../counts/zone.js';
import type { Risk } from '../schema/accuracy.js';
import type { Store } from '../store/store.js';
import { lineKey } from './evidence.js';
import { lineSignals, occupancySignal, type LineDay, type Signal } from './risks.js';

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
  const note = (line: { gateway: string; camera: string; id: string }, signal: Signal) => {
    const key = lineKey({ ...line, line: line.id });
    since.set(key, Math.max(since.get(key) ?? 0, signal.since));
  };
  for (const site of await store.selectFrom('site').selectAll().orderBy('name').execute()) {
    const read = await readSiteOccupancy(store, site, now);
    if ('missing' in read) continue;
    const closed = read.occupancy.days.filter(({ drift }) => drift !== null);
    // An entrance that was not there from the beginning of the day has not seen who came before.
    const whole = (from: number) => read.entrances.every(({ firstAt }) => firstAt <= from);
    const days = closed.map((day) => ({
      ...day,
      completeness: whole(day.from) ? read.completeness({ start: day.from, end: day.to }) : null,
    }));
    const signal = occupancySignal(days);
    if (signal === null) continue;
    const { name, time_zone: timeZone } = site;
    risks.push(riskOf(signal, { site: name, timeZone, gateway: null, camera: null, line: null }));
    for (const line of read.entrances) note(line, signal);
  }
  const lines = await targetsOf(store, { kind: 'line', from: now });
  const daysOf = dayFinder(now);
  for (const group of groupsOf(lines, 'each')) {
    const [{ site, timeZone, gateway, camera, id }] = group.targets;
    const days = await lineDays(store, group, { spans: daysOf(timeZone), now });
    const weekday = days.filter((_, index) => index < days.length - 1 && index % DAYS_OF_WEEK === 0);
    for (const signal of lineSignals(days.slice(-DAYS_OF_WEEK), weekday)) {
      risks.push(riskOf(signal, { site, timeZone, gateway, camera, line: id }));
      note({ gateway, camera, id }, signal);
    }
    // SQLite works in this thread: gateways and other pages get their turn.
    await setImmediate();
  }
  return { risks, since };
}

/** The closed site days of the last weeks, the oldest first: the first and every seventh after it are of the newest's weekday. */
function dayFinder(now: number): (timeZone: string) => Span[] {
  const known = new Map<string, Span[]>();
  return (timeZone) => {
    const found = known.get(timeZone);
    if (found !== undefined) return found;
    const { start } = bucketAt(timeZone, 'day', now);
    const days = Array.from({ length: WEEKS_BACK * DAYS_OF_WEEK + 1 }, (_, index) =>
      bucketAt(timeZone, 'day', daysBefore(timeZone, start, index + 1)),
    ).reverse();
    known.set(timeZone, days);
    return days;
  };
}

async function lineDays(
  store: Store,
  group: TargetGroup,
  { spans, now }: { spans: readonly Span[]; now: number },
): Promise<LineDay[]> {
  const [line] = group.targets;
  const sums = await rollupSums(store, { group, only: {}, size: 'day', spans });
  return spans.flatMap((span, index) => {
    const sum = sums[index];
    if (sum === undefined) return [];
    const { completeness } = tallyOf(group.targets, span, sum, now);
    return {
      ...{ start: span.start, crossings: sum.in + sum.out, stitched: sum.stitched },
      ...{ observedMs: sum.observedMs, suspectMs: suspectMs(sum) },
      completeness: line.firstAt <= span.start ? completeness : null,
    };
  });
}

/** Several things may be wrong with the same interval: at least the longest of them. */
function suspectMs({ suspect }: Sum): number {
  return Math.max(0, ...suspect.values());
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
