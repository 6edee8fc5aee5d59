import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Bucket, CountsQuery, Tally } from '../schema/counts.js';
import { decodeCursor, encodeCursor } from '../schema/cursor.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { openSharesOf, type OpenShares } from './open-shares.js';
import { minuteSums } from './read-minutes.js';
import { rollupSums, type RollupRequest } from './read-rollups.js';
import { emptySum, tallyOf, type Sum } from './sums.js';
import { groupsOf, targetsOf, type TargetGroup } from './targets.js';
import { bucketAt, bucketsOf, daysBefore, type Span } from './zone.js';

/** Rows of one answer unless the query names another number. */
const ROWS = 10_000;
const DAYS_OF_WEEK = 7;
/** The group and the start of the first row of a page. */
const placeSchema = z.tuple([z.string(), z.number()]);

/** A page of counts; `next` is the cursor of the next one, null on the last. */
export interface CountsPage {
  readonly buckets: Bucket[];
  readonly next: string | null;
}

/** What is asked of one group. */
interface Question {
  readonly query: CountsQuery;
  readonly only: RollupRequest['only'];
  readonly now: number;
  readonly open: OpenShares;
}

/**
 * Counts in every bucket of the range, also of those for which nothing is stored: a hole is said, not shown as zero. Rows
 * come by site, gateway, camera and line, then by time.
 * @throws ProblemError 400 for a cursor that does not fit
 */
export async function countBuckets(store: Store, query: CountsQuery, now: number): Promise<CountsPage> {
  const { site, gateway, camera, from, cursor, limit = ROWS } = query;
  const kind = query.of === 'zones' || query.zone !== undefined ? 'zone' : 'line';
  const id = kind === 'zone' ? query.zone : query.line;
  const entrances = kind === 'line' && (query.entrances ?? String(query.by === 'site')) === 'true';
  const all = await targetsOf(store, { kind, site, gateway, camera, id, from });
  const chosen = entrances ? all.filter(({ entrance }) => entrance) : all;
  const groups = groupsOf(chosen, query.by);
  // The database need not look at each row where there is nothing to leave out.
  const only = { camera, id, entrances: chosen.length < all.length };
  const question = { query, only, now, open: await openSharesOf(store, site, query) };
  const begin = beginningOf(groups, cursor);
  const buckets: Bucket[] = [];
  for (const group of groups.slice(begin.index)) {
    const spans = bucketsOf(group.timeZone, query.bucket, query).filter(
      ({ start }) => buckets.length > 0 || start >= begin.start,
    );
    const page = spans.slice(0, limit - buckets.length);
    if (page.length > 0) buckets.push(...(await countGroup(store, group, page, question)));
    const rest = spans[page.length];
    if (rest !== undefined) return { buckets, next: encodeCursor([group.key, rest.start]) };
    // SQLite works in this thread: gateways and other pages get their turn between two groups.
    await setImmediate();
  }
  return { buckets, next: null };
}

function beginningOf(
  groups: readonly TargetGroup[],
  cursor: string | undefined,
): { index: number; start: number } {
  if (cursor === undefined) return { index: 0, start: 0 };
  const [key, start] = decodeCursor(cursor, placeSchema);
  const index = groups.findIndex((group) => group.key === key);
  if (index < 0)
    throw new ProblemError(400, 'cursor: belongs to another question; ask for the first page again');
  return { index, start };
}

async function countGroup(
  store: Store,
  group: TargetGroup,
  spans: readonly Span[],
  { query, only, now, open }: Question,
): Promise<Bucket[]> {
  const sums = await sumsOf(store, { group, only, spans }, query.bucket);
  const before = query.compare === undefined ? [] : weekBefore(group.timeZone, query.bucket, spans);
  const sumsBefore =
    before.length === 0 ? [] : await sumsOf(store, { group, only, spans: before }, query.bucket);
  return spans.map((span, index) => {
    const earlier = before[index];
    return rowOf(group, span, {
      sum: sums[index] ?? emptySum(),
      tally: tallyOf(group.targets, span, sums[index] ?? emptySum(), now),
      open: open(group.site, span),
      before:
        earlier === undefined
          ? null
          : {
              ...earlier,
              open: open(group.site, earlier),
              ...tallyOf(group.targets, earlier, sumsBefore[index] ?? emptySum(), now),
            },
    });
  });
}

/** Sums of spans that follow each other, from the largest sums that fit into them. */
async function sumsOf(
  store: Store,
  request: Omit<RollupRequest, 'size'>,
  bucket: CountsQuery['bucket'],
): Promise<Sum[]> {
  if (bucket !== 'minute')
    return rollupSums(store, {
      ...request,
      size: bucket === 'week' ? 'day' : bucket,
    });
  if (request.group.kind === 'zone')
    throw new ProblemError(400, 'bucket: zones are not kept by the minute; ask for quarters or larger');
  return minuteSums(store, request.group.targets, request.spans);
}

/** The buckets at the same time of the wall clock seven days before. */
function weekBefore(zone: string, bucket: CountsQuery['bucket'], spans: readonly Span[]): Span[] {
  if (bucket === 'month')
    throw new ProblemError(400, 'compare: a month has no same weekday; ask for weeks or smaller buckets');
  return spans.map(({ start }) => bucketAt(zone, bucket, daysBefore(zone, start, DAYS_OF_WEEK)));
}

function rowOf(
  { kind, site, gateway, camera, id, targets }: TargetGroup,
  span: Span,
  { sum, tally, open, before }: Pick<Bucket, 'open' | 'before'> & { sum: Sum; tally: Tally },
): Bucket {
  const gaps = [...sum.gaps].map(([reason, ms]) => ({ reason, ms })) as Bucket['gaps'];
  const missing = tally.expectedMs - sum.coveredMs;
  if (missing > 0) gaps.push({ reason: 'not-received', ms: missing });
  const one = targets.length === 1;
  // One literal, not spread from parts: a year of many lines has hundred thousands of rows.
  return {
    site,
    gateway,
    camera,
    line: kind === 'line' ? id : null,
    zone: kind === 'zone' ? id : null,
    sources: targets.length,
    start: span.start,
    end: span.end,
    in: tally.in,
    out: tally.out,
    observedMs: tally.observedMs,
    expectedMs: tally.expectedMs,
    completeness: tally.completeness,
    stitched: sum.stitched,
    gaps,
    suspect: [...sum.suspect] as Bucket['suspect'],
    spread: sum.spread,
    // People of several cameras may be the same ones: their sum says nothing.
    occupancyMax: one ? sum.occupancyMax : null,
    queueMax: one ? sum.queueMax : null,
    meanDwellMs: sum.dwellVisits === 0 ? null : Math.round(sum.dwellMs / sum.dwellVisits),
    open,
    before,
  };
}
