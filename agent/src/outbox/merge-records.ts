import {
  intervalAt,
  type CountRecord,
  type Gap,
  type OutboxRecord,
  type ZoneRecord,
} from '@headcount/shared';

/** A record with its place in an order: a sequence number, or an index. */
export interface Row {
  readonly seq: number;
  readonly record: OutboxRecord;
}

/** What is to be done to a run of rows: rows to delete, and rows that now hold something else. */
export interface Coarsening {
  readonly removed: readonly number[];
  readonly changed: ReadonlyMap<number, OutboxRecord>;
}

type IntervalRecord = CountRecord | ZoneRecord;

/**
 * Merge counts of the same line or zone that follow each other without a hole, under the same configuration and model,
 * within one UTC interval of `lengthMs`. Sums, observed time, gaps and histograms add up exactly, totals are those of the
 * last one, which also gives the merged record its place; means are weighted by observed time.
 * @param lengthMs at most an hour, the longest interval on the wire
 */
export function mergeIntervals(rows: readonly Row[], lengthMs: number): Coarsening {
  const newest = new Map<string, { seq: number; record: IntervalRecord }>();
  const removed: number[] = [];
  const changed = new Map<number, OutboxRecord>();
  for (const { seq, record } of rows) {
    if (record.kind !== 'count' && record.kind !== 'zone') continue;
    const key = `${record.kind}/${record.camera}/${record.kind === 'count' ? record.line : record.zone}`;
    const before = newest.get(key);
    const merged = before && mergeTwo(before.record, record, lengthMs);
    if (before !== undefined && merged !== undefined) {
      removed.push(before.seq);
      changed.delete(before.seq);
      changed.set(seq, merged);
    }
    newest.set(key, { seq, record: merged ?? record });
  }
  return { removed, changed };
}

/**
 * Keep the last host sample of every period, and of a camera that fails again and again for the same cause only the
 * first failure: it was out of order all the time.
 */
export function thin(rows: readonly Row[], periodMs: number): Coarsening {
  const removed: number[] = [];
  let sample: { seq: number; at: number } | undefined;
  const edges = new Map<string, { failed?: string; retry?: number | undefined }>();
  for (const { seq, record } of rows) {
    if (record.kind === 'host') {
      if (sample && intervalAt(sample.at, periodMs).start === intervalAt(record.at, periodMs).start)
        removed.push(sample.seq);
      sample = { seq, at: record.at };
    } else if (record.kind === 'camera') {
      const { failed, retry } = edges.get(record.camera) ?? {};
      if (failed !== undefined && record.state === 'connecting' && record.cause === 'retry') {
        edges.set(record.camera, { failed, retry: seq });
      } else if (record.state !== 'backoff') edges.delete(record.camera);
      else {
        if (failed === record.cause && retry !== undefined) removed.push(retry, seq);
        edges.set(record.camera, { failed: record.cause });
      }
    }
  }
  return { removed, changed: new Map() };
}

/** Both as one record; undefined when they must stay apart. */
function mergeTwo(a: IntervalRecord, b: IntervalRecord, lengthMs: number): IntervalRecord | undefined {
  const follows = a.start + a.lengthMs === b.start;
  const sameInterval = intervalAt(a.start, lengthMs).end >= b.start + b.lengthMs;
  const sameOrigin = a.configVersion === b.configVersion && a.modelHash === b.modelHash;
  if (!follows || !sameInterval || !sameOrigin) return undefined;
  if (a.kind === 'count' && b.kind === 'count')
    return { ...b, ...mergedTime(a, b), ...mergedCrossings(a, b) };
  if (a.kind === 'zone' && b.kind === 'zone') return { ...b, ...mergedTime(a, b), ...mergedVisits(a, b) };
  return undefined;
}

function mergedTime(
  a: IntervalRecord,
  b: IntervalRecord,
): Pick<IntervalRecord, 'start' | 'lengthMs' | 'observedMs' | 'gaps' | 'suspect' | 'occupancy'> {
  const mean = weightedMean(a.observedMs, b.observedMs);
  const occupancy = both(a.occupancy, b.occupancy, (one, other) => ({
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
    mean: mean(one.mean, other.mean),
  }));
  return {
    start: a.start,
    lengthMs: a.lengthMs + b.lengthMs,
    observedMs: a.observedMs + b.observedMs,
    gaps: mergedGaps(a.gaps, b.gaps),
    suspect: [...new Set([...a.suspect, ...b.suspect])],
    occupancy,
  };
}

function mergedCrossings(a: CountRecord, b: CountRecord): Pick<CountRecord, 'in' | 'out' | 'stitched'> {
  return { in: a.in + b.in, out: a.out + b.out, stitched: a.stitched + b.stitched };
}

function mergedVisits(
  a: ZoneRecord,
  b: ZoneRecord,
): Pick<ZoneRecord, 'entries' | 'exits' | 'queue' | 'dwell'> {
  const mean = weightedMean(a.observedMs, b.observedMs);
  return {
    entries: a.entries + b.entries,
    exits: a.exits + b.exits,
    queue: both(a.queue, b.queue, (one, other) => ({
      max: Math.max(one.max, other.max),
      mean: mean(one.mean, other.mean),
    })),
    dwell: {
      sumMs: a.dwell.sumMs + b.dwell.sumMs,
      buckets: a.dwell.buckets.map((visits, index) => visits + (b.dwell.buckets[index] ?? 0)),
    },
  };
}

function mergedGaps(a: readonly Gap[], b: readonly Gap[]): Gap[] {
  const sums = new Map<Gap['reason'], number>();
  for (const { reason, ms } of [...a, ...b]) sums.set(reason, (sums.get(reason) ?? 0) + ms);
  return [...sums].map(([reason, ms]) => ({ reason, ms }));
}

function weightedMean(weightA: number, weightB: number): (a: number, b: number) => number {
  const sum = weightA + weightB;
  // A frame may have been looked at in an interval of which not a whole millisecond was observed.
  return (a, b) => (sum === 0 ? (a + b) / 2 : (a * weightA + b * weightB) / sum);
}

function both<T>(a: T | null, b: T | null, merge: (a: T, b: T) => T): T | null {
  return a !== null && b !== null ? merge(a, b) : (a ?? b);
}
