import { setImmediate } from 'node:timers/promises';
import type { Site } from '../fleet/sites.js';
import type { Store } from '../store/store.js';
import { minuteSums } from './read-minutes.js';
import { rollupSums } from './read-rollups.js';
import { siteOccupancy, type SiteOccupancy } from './site-occupancy.js';
import { emptySum, tallyOf, type Sum } from './sums.js';
import { groupsOf, targetsOf, type Target, type TargetGroup } from './targets.js';
import { closingsIn, type Span } from './zone.js';

const DAY_MS = 24 * 3_600_000;
/** Step of the curve: a quarter of an hour, which every time zone's days are made of. */
const STEP_MS = 900_000;
/** Business days that are looked back on. */
const DAYS_BACK = 8;
/** Gateways whose sums are read at once: some ten milliseconds with four entrances each. */
const GATEWAYS_AT_ONCE = 4;

/** The occupancy of a site, or why there is none. */
export type SiteRead =
  | { readonly missing: 'no-closing-time' | 'no-entrance' }
  | {
      readonly occupancy: SiteOccupancy;
      /** The lines that people enter and leave by. */
      readonly entrances: readonly Target[];
      /** Observed share of the time that all entrances should have been, null while nothing is expected. */
      readonly completeness: (span: Span) => number | null;
      readonly now: number;
    };

/**
 * Work out the occupancy of a site over the last business days.
 * @param now UTC ms
 * @param pause SQLite works in this thread: between small portions of the work gateways and pages get their turn
 */
export async function readSiteOccupancy(
  store: Store,
  site: Site,
  now: number,
  pause: () => Promise<unknown> = setImmediate,
): Promise<SiteRead> {
  const { name, timeZone, closingTime } = site;
  const from = now - DAYS_BACK * DAY_MS;
  const lines = await targetsOf(store, { kind: 'line', site: name, from });
  const [group] = groupsOf(
    lines.filter(({ entrance }) => entrance),
    'site',
  );
  if (closingTime === null) return { missing: 'no-closing-time' };
  if (group === undefined) return { missing: 'no-entrance' };
  const closings = closingsIn(timeZone, closingTime, { from, to: now });
  const spans = stepsBetween([...closings, now]);
  const sums = await stepSums(store, group, { spans, pause });
  const steps = sums.map((sum, index) => ({ start: spans[index]?.start ?? 0, ...sum }));
  const crossed = steps.filter((step) => step.in + step.out > 0);
  const completeness = (span: Span) => {
    const total = emptySum();
    for (const step of steps.filter(({ start }) => start >= span.start && start < span.end)) {
      total.observedMs += step.observedMs;
      total.coveredMs += step.coveredMs;
    }
    return tallyOf(group.targets, span, total, now).completeness;
  };
  const occupancy = siteOccupancy(closings, crossed, { now, stepMs: STEP_MS });
  return { occupancy, entrances: group.targets, completeness, now };
}

/** From stored sums where the steps fit into them, else from the intervals; a few gateways at a time. */
async function stepSums(
  store: Store,
  group: TargetGroup,
  { spans, pause }: { spans: readonly Span[]; pause: () => Promise<unknown> },
): Promise<Sum[]> {
  const fit = spans.every(({ start, end }) => start % STEP_MS === 0 && end % STEP_MS === 0);
  const total = spans.map(emptySum);
  for (const part of partsOf(group)) {
    const sums = fit
      ? await rollupSums(store, { group: part, size: 'quarter', spans, only: { entrances: true } })
      : await minuteSums(store, part.targets, spans);
    for (const [index, sum] of sums.entries()) addTo(total[index], sum);
    await pause();
  }
  return total;
}

/** The group in parts of a few whole gateways each. */
function partsOf(group: TargetGroup): TargetGroup[] {
  const gateways = [...new Set(group.targets.map(({ gateway }) => gateway))];
  const parts: TargetGroup[] = [];
  for (let first = 0; first < gateways.length; first += GATEWAYS_AT_ONCE) {
    const some = new Set(gateways.slice(first, first + GATEWAYS_AT_ONCE));
    const [one, ...others] = group.targets.filter(({ gateway }) => some.has(gateway));
    if (one !== undefined) parts.push({ ...group, targets: [one, ...others] });
  }
  return parts;
}

/** What the occupancy and its completeness are worked out from. */
function addTo(total: Sum | undefined, { in: entered, out, observedMs, coveredMs }: Sum): void {
  if (total === undefined) return;
  total.in += entered;
  total.out += out;
  total.observedMs += observedMs;
  total.coveredMs += coveredMs;
}

/** Steps from closing to closing, so that none reaches over a closing hour; the last ends after the last instant. */
function stepsBetween(instants: readonly number[]): Span[] {
  return instants.slice(1).flatMap((end, index) => {
    const start = instants[index] ?? end;
    return Array.from({ length: Math.ceil((end - start) / STEP_MS) }, (_, step) => ({
      start: start + step * STEP_MS,
      end:
        index + 2 === instants.length
          ? start + (step + 1) * STEP_MS
          : Math.min(end, start + (step + 1) * STEP_MS),
    }));
  });
}
