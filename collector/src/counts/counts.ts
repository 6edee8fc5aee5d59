import { setImmediate } from 'node:timers/promises';
import { INTERVAL_MS, intervalAt, type Gap, type SceneCondition } from '@headcount/shared';
import { sql } from 'kysely';
import type { Bucket, CountsQuery } from '../schema/api.js';
import type { Store } from '../store/store.js';
import { overlapFinder, shareOf } from './overlap.js';
import { bucketsOf, type Span } from './zone.js';

/** Every zone's offset is a multiple of this, so that sums over it fit into the hours and days of any site (ms). */
const QUARTER_MS = 900_000;
/** The longest interval that a gateway merges old counts to (ms). */
const LONGEST_INTERVAL_MS = 3_600_000;

/** A line with what is needed to say what was expected of it. */
export interface CountedLine {
  readonly gateway: string;
  readonly camera: string;
  readonly line: string;
  readonly timeZone: string;
  /** Nothing is expected before the line was first heard of (UTC ms). */
  readonly firstAt: number;
  /** Nor after this, the end of the counts of a line that was taken away; null for one that is in use (UTC ms). */
  readonly until: number | null;
}

interface Sum {
  in: number;
  out: number;
  observedMs: number;
  coveredMs: number;
  /** Part of it comes from an interval that reaches over several spans. */
  spread: boolean;
}

type Filter = Pick<CountsQuery, 'gateway' | 'camera' | 'line' | 'from'>;

/** The lines that the filter names and that are in use, or were in use when the range began. */
export async function linesOf(
  store: Store,
  filter: Filter,
): Promise<(CountedLine & { site: string; entrance: number })[]> {
  let query = store
    .selectFrom('line')
    .innerJoin('gateway', 'gateway.name', 'line.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select([
      'line.gateway',
      'line.camera',
      'line.id as line',
      'site.time_zone as timeZone',
      'line.first_at as firstAt',
      'line.last_at as lastAt',
      'line.present',
      'line.entrance',
      'gateway.site',
    ])
    .where((where) => where.or([where('line.present', '=', 1), where('line.last_at', '>', filter.from)]))
    .orderBy('line.gateway')
    .orderBy('line.camera')
    .orderBy('line.id');
  if (filter.gateway !== undefined) query = query.where('line.gateway', '=', filter.gateway);
  if (filter.camera !== undefined) query = query.where('line.camera', '=', filter.camera);
  if (filter.line !== undefined) query = query.where('line.id', '=', filter.line);
  const rows = await query.execute();
  return rows.map(({ lastAt, present, ...line }) => ({
    ...line,
    until: present === 1 ? null : (lastAt ?? line.firstAt),
  }));
}

/**
 * Counts of every line in every bucket of the range, also of those for which nothing is stored: a hole is said, not
 * shown as zero.
 */
export async function countBuckets(store: Store, query: CountsQuery, now: number): Promise<Bucket[]> {
  const lines = await linesOf(store, query);
  const spansByZone = new Map<string, Span[]>();
  const buckets: Bucket[] = [];
  for (const line of lines) {
    const spans = spansByZone.get(line.timeZone) ?? bucketsOf(line.timeZone, query.bucket, query);
    spansByZone.set(line.timeZone, spans);
    buckets.push(...(await countLine(store, { line, spans, step: stepOf(query.bucket), now })));
    // SQLite works in this thread: gateways and other pages get their turn between two lines.
    await setImmediate();
  }
  return buckets;
}

/** Crossings of one line in one span, with how much of it was observed. */
type Tally = Pick<Bucket, 'in' | 'out' | 'observedMs' | 'expectedMs' | 'completeness'>;

/** Sums of one line over one span, for "today". */
export async function countSpan(store: Store, line: CountedLine, span: Span, now: number): Promise<Tally> {
  const [sum] = await sumSpans(store, { line, spans: [span], step: QUARTER_MS });
  return tallyOf(line, span, sum ?? emptySum(), now);
}

function stepOf(bucket: CountsQuery['bucket']): number {
  return bucket === 'minute' ? INTERVAL_MS : QUARTER_MS;
}

/** What {@link sumSpans} adds up. */
export interface SumRequest {
  readonly line: CountedLine;
  readonly spans: readonly Span[];
  readonly step: number;
}

async function countLine(store: Store, request: SumRequest & { now: number }): Promise<Bucket[]> {
  const { line, spans, now } = request;
  const { gateway, camera, line: id } = line;
  const sums = await sumSpans(store, request);
  const gaps = await gapsOf(store, request);
  const suspects = await suspectsOf(store, request);
  return spans.map((span, index) => {
    const sum = sums[index] ?? emptySum();
    const tally = tallyOf(line, span, sum, now);
    const reasons: Bucket['gaps'] = [...(gaps[index] ?? [])].map(([reason, ms]) => ({ reason, ms }));
    const missing = tally.expectedMs - sum.coveredMs;
    if (missing > 0) reasons.push({ reason: 'not-received', ms: missing });
    const suspect = [...(suspects[index] ?? [])];
    return { gateway, camera, line: id, ...span, ...tally, gaps: reasons, suspect, spread: sum.spread };
  });
}

function tallyOf(line: CountedLine, span: Span, sum: Sum, now: number): Tally {
  // Only whole minutes that have passed can have been sent, and only those since the line exists are missed.
  const from = Math.max(span.start, intervalAt(line.firstAt).start);
  const to = Math.min(span.end, intervalAt(now).start, line.until ?? Infinity);
  // A gateway whose clock is ahead has counted time that is still to come here.
  const expectedMs = Math.max(0, to - from, sum.coveredMs);
  const { in: crossedIn, out, observedMs } = sum;
  const completeness = expectedMs === 0 ? null : observedMs / expectedMs;
  return { in: crossedIn, out, observedMs, expectedMs, completeness };
}

/**
 * Sums of one line over spans that follow each other. What an interval counted that reaches over several spans, because
 * its gateway merged old counts while it was offline, is spread evenly over them.
 * @param request.step length of the groups that the database adds up (ms); every span must begin and end on a multiple
 */
export async function sumSpans(store: Store, { line, spans, step }: SumRequest): Promise<Sum[]> {
  const sums = spans.map(emptySum);
  const slot = sql<number>`start_at / ${sql.lit(step)}`;
  const rows = await intervalsOf(store, line, spans)
    .select((select) => [
      slot.as('slot'),
      select.fn.sum<number>('in_count').as('in'),
      select.fn.sum<number>('out_count').as('out'),
      select.fn.sum<number>('observed_ms').as('observedMs'),
      select.fn.sum<number>(sql`end_at - start_at`).as('coveredMs'),
    ])
    .where('start_at', '>=', spans[0]?.start ?? 0)
    .where(sql<boolean>`end_at - start_at <= ${sql.lit(step)}`)
    .groupBy(slot)
    .orderBy('slot')
    .execute();
  const spansOf = overlapFinder(spans);
  for (const row of rows) {
    const at = row.slot * step;
    const sum = sums[spansOf({ start: at, end: at + 1 })[0] ?? -1];
    if (sum === undefined) continue;
    sum.in += row.in;
    sum.out += row.out;
    sum.observedMs += row.observedMs;
    sum.coveredMs += row.coveredMs;
  }
  await spreadMerged(store, { line, spans, step }, sums);
  return sums;
}

/** Add what stands in intervals that are longer than a step. */
async function spreadMerged(store: Store, { line, spans, step }: SumRequest, sums: Sum[]): Promise<void> {
  const rows = await intervalsOf(store, line, spans)
    .select(['start_at as start', 'end_at as end', 'in_count as in', 'out_count as out'])
    .select('observed_ms as observedMs')
    .where(sql<boolean>`end_at - start_at > ${sql.lit(step)}`)
    .orderBy('start_at')
    .execute();
  const spansOf = overlapFinder(spans);
  for (const row of rows) {
    for (const index of spansOf(row)) {
      const [sum, span] = [sums[index], spans[index]];
      if (sum === undefined || span === undefined) continue;
      sum.in += shareOf(row.in, row, span);
      sum.out += shareOf(row.out, row, span);
      sum.observedMs += shareOf(row.observedMs, row, span);
      sum.coveredMs += shareOf(row.end - row.start, row, span);
      sum.spread ||= span.start > row.start || span.end < row.end;
    }
  }
}

/** Milliseconds by reason, for each span. */
async function gapsOf(store: Store, { line, spans }: SumRequest): Promise<Map<Gap['reason'], number>[]> {
  const gaps = spans.map(() => new Map<Gap['reason'], number>());
  const spansOf = overlapFinder(spans);
  const rows = await intervalsOf(store, line, spans)
    .select(['start_at as start', 'end_at as end', 'gaps'])
    // The index knows both sides, so that only intervals with a gap are read from the table.
    .where(sql<boolean>`observed_ms < end_at - start_at`)
    .orderBy('start_at')
    .execute();
  for (const row of rows) {
    const reasons = JSON.parse(row.gaps) as Gap[];
    for (const index of spansOf(row)) {
      const [found, span] = [gaps[index], spans[index]];
      for (const { reason, ms } of reasons) {
        const share = span === undefined ? 0 : shareOf(ms, row, span);
        if (share > 0) found?.set(reason, (found.get(reason) ?? 0) + share);
      }
    }
  }
  return gaps;
}

/** What was wrong with the picture, for each span. */
async function suspectsOf(store: Store, { line, spans }: SumRequest): Promise<Set<SceneCondition>[]> {
  const suspects = spans.map(() => new Set<SceneCondition>());
  const spansOf = overlapFinder(spans);
  const rows = await intervalsOf(store, line, spans)
    .select(['start_at as start', 'end_at as end', 'suspect'])
    .where('suspect', 'is not', null)
    .orderBy('start_at')
    .execute();
  for (const row of rows)
    for (const condition of JSON.parse(row.suspect ?? '[]') as SceneCondition[])
      for (const index of spansOf(row)) suspects[index]?.add(condition);
  return suspects;
}

/** Every interval that reaches into the spans. */
function intervalsOf(store: Store, line: CountedLine, spans: readonly Span[]) {
  const from = spans[0]?.start ?? 0;
  return store
    .selectFrom('count_interval')
    .where('gateway', '=', line.gateway)
    .where('camera', '=', line.camera)
    .where('line', '=', line.line)
    .where('start_at', '>', from - LONGEST_INTERVAL_MS)
    .where('end_at', '>', from)
    .where('start_at', '<', spans.at(-1)?.end ?? 0);
}

function emptySum(): Sum {
  return { in: 0, out: 0, observedMs: 0, coveredMs: 0, spread: false };
}
