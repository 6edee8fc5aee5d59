import type { Gap, SceneCondition } from '@headcount/shared';
import type { Store } from '../store/store.js';
import { overlapFinder, shareOf } from './overlap.js';
import { emptySum, larger, type Sum } from './sums.js';
import type { Target } from './targets.js';
import type { Span } from './zone.js';

/** The longest interval that a gateway merges old counts to (ms). */
const LONGEST_INTERVAL_MS = 3_600_000;

/**
 * What lines counted in spans that follow each other, from the intervals themselves. What an interval counted that reaches
 * over several spans, because its gateway merged old counts while it was offline, is spread evenly over them.
 */
export async function minuteSums(
  store: Store,
  targets: readonly Target[],
  spans: readonly Span[],
): Promise<Sum[]> {
  const sums = spans.map(emptySum);
  for (const target of targets) await addIntervals(store, target, { spans, sums });
  return sums;
}

async function addIntervals(
  store: Store,
  { gateway, camera, id }: Target,
  { spans, sums }: { spans: readonly Span[]; sums: Sum[] },
): Promise<void> {
  const from = spans[0]?.start ?? 0;
  const rows = await store
    .selectFrom('count_interval')
    .select(['start_at as start', 'end_at as end', 'in_count as in', 'out_count as out', 'stitched'])
    .select(['observed_ms as observedMs', 'occupancy_max as occupancyMax', 'gaps', 'suspect'])
    .where('gateway', '=', gateway)
    .where('camera', '=', camera)
    .where('line', '=', id)
    .where('start_at', '>', from - LONGEST_INTERVAL_MS)
    .where('end_at', '>', from)
    .where('start_at', '<', spans.at(-1)?.end ?? 0)
    .orderBy('start_at')
    .execute();
  const spansOf = overlapFinder(spans);
  for (const row of rows) {
    const gaps = row.observedMs < row.end - row.start ? (JSON.parse(row.gaps) as Gap[]) : [];
    const suspect = row.suspect === null ? [] : (JSON.parse(row.suspect) as SceneCondition[]);
    for (const index of spansOf(row)) {
      const [sum, span] = [sums[index], spans[index]];
      if (sum !== undefined && span !== undefined) addShare(sum, span, { ...row, gaps, suspect });
    }
  }
}

interface Interval extends Span {
  readonly in: number;
  readonly out: number;
  readonly stitched: number;
  readonly observedMs: number;
  readonly occupancyMax: number | null;
  readonly gaps: readonly Gap[];
  readonly suspect: readonly SceneCondition[];
}

function addShare(sum: Sum, span: Span, interval: Interval): void {
  const whole = span.start <= interval.start && interval.end <= span.end;
  const share = (total: number) => (whole ? total : shareOf(total, interval, span));
  sum.in += share(interval.in);
  sum.out += share(interval.out);
  sum.stitched += share(interval.stitched);
  sum.observedMs += share(interval.observedMs);
  sum.coveredMs += share(interval.end - interval.start);
  sum.spread ||= !whole;
  sum.occupancyMax = larger(sum.occupancyMax, interval.occupancyMax);
  for (const { reason, ms } of interval.gaps) {
    const part = share(ms);
    if (part > 0) sum.gaps.set(reason, (sum.gaps.get(reason) ?? 0) + part);
  }
  for (const condition of interval.suspect) sum.suspect.add(condition);
}
