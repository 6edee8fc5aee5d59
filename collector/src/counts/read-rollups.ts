import type { ExpressionBuilder } from 'kysely';
import type { Store } from '../store/store.js';
import type { RollupKey } from '../store/tables-counts.js';
import type { Tables } from '../store/tables.js';
import { overlapFinder } from './overlap.js';
import { emptySum, larger, type Sum } from './sums.js';
import type { TargetGroup } from './targets.js';
import type { Span } from './zone.js';

/** What a group of lines or zones counted, from their stored sums. */
export interface RollupRequest {
  readonly group: TargetGroup;
  /** What of the group's gateways is left out. */
  readonly only: {
    readonly camera?: string | undefined;
    readonly id?: string | undefined;
    /** Only lines whose crossings enter or leave the site. */
    readonly entrances?: boolean;
  };
  /** Of the stored sums; every span begins and ends with a bucket of this size. */
  readonly size: RollupKey['size'];
  /** In their order. */
  readonly spans: readonly Span[];
}

/** One sum per span, from a few rows of the database each. */
export async function rollupSums(store: Store, request: RollupRequest): Promise<Sum[]> {
  const { spans } = request;
  const sums = spans.map(emptySum);
  const sumAt = finder(spans, sums);
  for (const row of await bucketRows(store, request)) {
    const sum = sumAt(row.start);
    if (sum === undefined) continue;
    sum.in += row.in;
    sum.out += row.out;
    sum.stitched += row.stitched;
    sum.observedMs += row.observedMs;
    sum.coveredMs += row.coveredMs;
    sum.spread ||= row.spread > 0;
    sum.occupancyMax = larger(sum.occupancyMax, row.occupancyMax);
    sum.queueMax = larger(sum.queueMax, row.queueMax);
    sum.dwellMs += row.dwellMs;
    sum.dwellVisits += row.dwellVisits;
  }
  const partAt = finder(spans, sums);
  for (const { start, part, reason, ms } of await partRows(store, request)) {
    const sum = partAt(start);
    if (part === 'suspect') sum?.suspect.add(reason);
    else if (ms > 0) sum?.gaps.set(reason, (sum.gaps.get(reason) ?? 0) + ms);
  }
  return sums;
}

function finder(spans: readonly Span[], sums: readonly Sum[]): (start: number) => Sum | undefined {
  const spansOf = overlapFinder(spans);
  return (start) => sums[spansOf({ start, end: start + 1 })[0] ?? -1];
}

function bucketRows(store: Store, request: RollupRequest) {
  return store
    .selectFrom('rollup as r')
    .select((select) => [
      'r.start_at as start',
      select.fn.sum<number>('r.in_count').as('in'),
      select.fn.sum<number>('r.out_count').as('out'),
      select.fn.sum<number>('r.stitched').as('stitched'),
      select.fn.sum<number>('r.observed_ms').as('observedMs'),
      select.fn.sum<number>('r.covered_ms').as('coveredMs'),
      select.fn.max('r.spread').as('spread'),
      select.fn.max('r.occupancy_max').as('occupancyMax'),
      select.fn.max('r.queue_max').as('queueMax'),
      select.fn.sum<number>('r.dwell_ms').as('dwellMs'),
      select.fn.sum<number>('r.dwell_visits').as('dwellVisits'),
    ])
    .where((where) => within(where, request))
    .groupBy('r.start_at')
    .orderBy('r.start_at')
    .execute();
}

function partRows(store: Store, request: RollupRequest) {
  return store
    .selectFrom('rollup_part as r')
    .select((select) => ['r.start_at as start', 'r.part', 'r.reason', select.fn.sum<number>('r.ms').as('ms')])
    .where((where) => within(where as never, request))
    .groupBy(['r.start_at', 'r.part', 'r.reason'])
    .orderBy('r.start_at')
    .orderBy('r.part')
    .orderBy('r.reason')
    .execute();
}

type Where = ExpressionBuilder<Tables & { r: Tables['rollup'] }, 'r'>;

function within(where: Where, { group, only, size, spans }: RollupRequest) {
  const gateways = [...new Set(group.targets.map(({ gateway }) => gateway))];
  const camera = group.camera ?? only.camera;
  const id = group.id ?? only.id;
  return where.and([
    where('r.kind', '=', group.kind),
    where('r.size', '=', size),
    where('r.gateway', 'in', gateways),
    where('r.start_at', '>=', spans[0]?.start ?? 0),
    where('r.start_at', '<', spans.at(-1)?.end ?? 0),
    ...(camera === undefined ? [] : [where('r.camera', '=', camera)]),
    ...(id === undefined ? [] : [where('r.id', '=', id)]),
    ...(only.entrances === true ? [isEntrance(where)] : []),
  ]);
}

function isEntrance(where: Where) {
  return where.exists(
    where
      .selectFrom('line')
      .select('line.id')
      .whereRef('line.gateway', '=', 'r.gateway')
      .whereRef('line.camera', '=', 'r.camera')
      .whereRef('line.id', '=', 'r.id')
      .where('line.entrance', '=', 1),
  );
}
