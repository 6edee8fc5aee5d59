import { INTERVAL_MS, type Gap } from '@headcount/shared';
import { sql } from 'kysely';
import type { Bucket, CountsQuery } from '../schema/api.js';
import type { Store } from '../store/store.js';
import { bucketsOf, type Span } from './zone.js';

/** Every zone's offset is a multiple of this, so that sums over it fit into the hours and days of any site (ms). */
const QUARTER_MS = 900_000;

/** A line with what is needed to say what was expected of it. */
export interface CountedLine {
  readonly gateway: string;
  readonly camera: string;
  readonly line: string;
  readonly timeZone: string;
  /** Nothing is expected of a gateway before it was added (UTC ms). */
  readonly addedAt: number;
}

interface Sum {
  in: number;
  out: number;
  observedMs: number;
  coveredMs: number;
  gaps: Map<string, number>;
}

type Filter = Pick<CountsQuery, 'gateway' | 'camera' | 'line'>;

/** The lines that the filter names and that the last births named or that have counts. */
export async function linesOf(store: Store, filter: Filter): Promise<CountedLine[]> {
  let query = store
    .selectFrom('line')
    .innerJoin('gateway', 'gateway.name', 'line.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select([
      'line.gateway',
      'line.camera',
      'line.id as line',
      'site.time_zone as timeZone',
      'gateway.added_at as addedAt',
    ])
    .orderBy('line.gateway')
    .orderBy('line.camera')
    .orderBy('line.id');
  if (filter.gateway !== undefined) query = query.where('line.gateway', '=', filter.gateway);
  if (filter.camera !== undefined) query = query.where('line.camera', '=', filter.camera);
  if (filter.line !== undefined) query = query.where('line.id', '=', filter.line);
  return query.execute();
}

/**
 * Counts of every line in every bucket of the range, also of those for which nothing is stored: a hole is said, not
 * shown as zero.
 */
export async function countBuckets(store: Store, query: CountsQuery, now: number): Promise<Bucket[]> {
  const lines = await linesOf(store, query);
  const buckets: Bucket[] = [];
  for (const line of lines) {
    const spans = bucketsOf(line.timeZone, query.bucket, query);
    buckets.push(...(await countLine(store, { line, spans, step: stepOf(query.bucket), now })));
  }
  return buckets;
}

/** Sums of one line over one span, for "today". */
export async function countSpan(
  store: Store,
  line: CountedLine,
  span: Span,
  now: number,
): Promise<Bucket | undefined> {
  const [bucket] = await countLine(store, { line, spans: [span], step: QUARTER_MS, now });
  return bucket;
}

function stepOf(bucket: CountsQuery['bucket']): number {
  return bucket === 'minute' ? INTERVAL_MS : QUARTER_MS;
}

async function countLine(
  store: Store,
  request: { line: CountedLine; spans: readonly Span[]; step: number; now: number },
): Promise<Bucket[]> {
  const { line, spans, step, now } = request;
  const [first] = spans;
  const last = spans.at(-1);
  if (first === undefined || last === undefined) return [];
  const sums = spans.map((): Sum => ({ in: 0, out: 0, observedMs: 0, coveredMs: 0, gaps: new Map() }));
  const within = { from: first.start, to: last.end };
  let current = 0;
  const sumAt = (at: number): Sum | undefined => {
    // Rows come in the order of time, so the search goes on where it stood.
    while (current < spans.length - 1 && at >= (spans[current]?.end ?? Infinity)) current += 1;
    return sums[current];
  };
  for (const row of await sumRows(store, line, within, step)) {
    const sum = sumAt(Number(row.slot) * step);
    if (sum === undefined) continue;
    sum.in += Number(row.in);
    sum.out += Number(row.out);
    sum.observedMs += Number(row.observedMs);
    sum.coveredMs += Number(row.coveredMs);
  }
  current = 0;
  for (const { startAt, gaps } of await gapRows(store, line, within)) {
    const sum = sumAt(startAt);
    for (const { reason, ms } of JSON.parse(gaps) as Gap[])
      sum?.gaps.set(reason, (sum.gaps.get(reason) ?? 0) + ms);
  }
  return spans.map((span, index) => describe(line, span, sums[index], now));
}

async function sumRows(store: Store, line: CountedLine, range: { from: number; to: number }, step: number) {
  const slot = sql<number>`start_at / ${sql.lit(step)}`;
  return store
    .selectFrom('count_interval')
    .select((select) => [
      slot.as('slot'),
      select.fn.sum<number>('in_count').as('in'),
      select.fn.sum<number>('out_count').as('out'),
      select.fn.sum<number>('observed_ms').as('observedMs'),
      select.fn.sum<number>(sql`end_at - start_at`).as('coveredMs'),
    ])
    .where('gateway', '=', line.gateway)
    .where('camera', '=', line.camera)
    .where('line', '=', line.line)
    .where('start_at', '>=', range.from)
    .where('start_at', '<', range.to)
    .groupBy(slot)
    .orderBy('slot')
    .execute();
}

async function gapRows(store: Store, line: CountedLine, range: { from: number; to: number }) {
  return store
    .selectFrom('count_interval')
    .select(['start_at as startAt', 'gaps'])
    .where('gateway', '=', line.gateway)
    .where('camera', '=', line.camera)
    .where('line', '=', line.line)
    .where('start_at', '>=', range.from)
    .where('start_at', '<', range.to)
    .where('gaps', '!=', '[]')
    .orderBy('start_at')
    .execute();
}

function describe(line: CountedLine, span: Span, sum: Sum | undefined, now: number): Bucket {
  const minute = (at: number) => Math.floor(at / INTERVAL_MS) * INTERVAL_MS;
  // Only whole minutes that have passed since the gateway was added can have been counted and sent.
  const from = Math.max(span.start, minute(line.addedAt));
  const expectedMs = Math.max(0, Math.min(span.end, minute(now)) - from);
  const observedMs = sum?.observedMs ?? 0;
  const missing = expectedMs - (sum?.coveredMs ?? 0);
  const gaps = [...(sum?.gaps ?? [])].map(([reason, ms]) => ({ reason, ms }) as Bucket['gaps'][number]);
  if (missing > 0) gaps.push({ reason: 'not-received', ms: missing });
  return {
    gateway: line.gateway,
    camera: line.camera,
    line: line.line,
    start: span.start,
    end: span.end,
    in: sum?.in ?? 0,
    out: sum?.out ?? 0,
    observedMs,
    expectedMs,
    completeness: expectedMs === 0 ? null : Math.min(1, observedMs / expectedMs),
    gaps,
  };
}
