import type { Gap, GapReason } from '@headcount/shared';
import { shareOf } from '../counts/overlap.js';
import { QUARTER_MS, type Span } from '../counts/zone.js';
import type { Store } from '../store/store.js';

/** The longest interval that a gateway merges old counts to (ms). */
const LONGEST_INTERVAL_MS = 3_600_000;

/** The line or zone that a camera is judged by. */
export interface Source {
  readonly kind: 'line' | 'zone';
  readonly gateway: string;
  readonly camera: string;
  readonly id: string;
}

/** What was observed, and why not the rest. */
export interface Observed {
  observedMs: number;
  readonly gaps: Gap[];
}

/**
 * What was observed of a line or zone within spans that do not overlap. Whole quarters come from their sums, the rest from
 * the intervals; where those are forgotten already, the rest is taken as nothing, and so stays up or down.
 */
export async function observedWithin(
  store: Store,
  source: Source,
  spans: readonly Span[],
): Promise<Observed> {
  const sum: Observed = { observedMs: 0, gaps: [] };
  for (const span of spans) {
    const start = Math.ceil(span.start / QUARTER_MS) * QUARTER_MS;
    const end = Math.floor(span.end / QUARTER_MS) * QUARTER_MS;
    if (start >= end) {
      await addIntervals(store, { source, span }, sum);
      continue;
    }
    await addQuarters(store, { source, span: { start, end } }, sum);
    await addIntervals(store, { source, span: { start: span.start, end: start } }, sum);
    await addIntervals(store, { source, span: { start: end, end: span.end } }, sum);
  }
  return sum;
}

interface Stretch {
  readonly source: Source;
  readonly span: Span;
}

async function addQuarters(store: Store, { source, span }: Stretch, sum: Observed): Promise<void> {
  const { observedMs } = await store
    .selectFrom('rollup')
    .select(({ fn }) => fn.sum<number | null>('observed_ms').as('observedMs'))
    .where('kind', '=', source.kind)
    .where('size', '=', 'quarter')
    .where('gateway', '=', source.gateway)
    .where('start_at', '>=', span.start)
    .where('start_at', '<', span.end)
    .where('camera', '=', source.camera)
    .where('id', '=', source.id)
    .executeTakeFirstOrThrow();
  sum.observedMs += observedMs ?? 0;
  const gaps = await store
    .selectFrom('rollup_part')
    .select('reason')
    .select(({ fn }) => fn.sum<number>('ms').as('ms'))
    .where('kind', '=', source.kind)
    .where('size', '=', 'quarter')
    .where('gateway', '=', source.gateway)
    .where('start_at', '>=', span.start)
    .where('start_at', '<', span.end)
    .where('camera', '=', source.camera)
    .where('id', '=', source.id)
    .where('part', '=', 'gap')
    .groupBy('reason')
    .execute();
  for (const { reason, ms } of gaps) sum.gaps.push({ reason: reason as GapReason, ms });
}

/** Less than a quarter: an interval that reaches over its edge is spread evenly. */
async function addIntervals(store: Store, { source, span }: Stretch, sum: Observed): Promise<void> {
  if (span.end <= span.start) return;
  for (const { start, end, observedMs, gaps } of await intervals(store, source, span)) {
    const share = (ms: number) => shareOf(ms, { start, end }, span);
    sum.observedMs += share(observedMs);
    for (const { reason, ms } of gaps) sum.gaps.push({ reason, ms: share(ms) });
  }
}

type IntervalTimes = Span & { readonly observedMs: number; readonly gaps: readonly Gap[] };

async function intervals(
  store: Store,
  { kind, gateway, camera, id }: Source,
  { start, end }: Span,
): Promise<IntervalTimes[]> {
  const times = ['start_at as start', 'end_at as end', 'observed_ms as observedMs'] as const;
  const lines = store
    .selectFrom('count_interval')
    .select([...times, 'gaps as json'])
    .where('line', '=', id);
  const zones = store
    .selectFrom('zone_interval')
    .select([...times, 'body as json'])
    .where('zone', '=', id);
  const rows = await (kind === 'line' ? lines : (zones as unknown as typeof lines))
    .where('gateway', '=', gateway)
    .where('camera', '=', camera)
    .where('start_at', '>', start - LONGEST_INTERVAL_MS)
    .where('start_at', '<', end)
    .where('end_at', '>', start)
    .execute();
  return rows.map(({ json, ...row }) => {
    // Of a zone the whole record is kept.
    const kept = JSON.parse(json) as Gap[] | { gaps: Gap[] };
    return { ...row, gaps: Array.isArray(kept) ? kept : kept.gaps };
  });
}
