import {
  DWELL_BOUNDS_MS,
  recordSchema,
  type CameraRecord,
  type CountRecord,
  type HostRecord,
  type OutboxRecord,
  type ZoneRecord,
} from '@headcount/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeIntervals, thin, type Row } from './merge-records.js';

const HOUR = 3_600_000;
const QUARTER = 900_000;
const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 24, 9);
const origin = { configVersion: 'v1', modelHash: 'a'.repeat(64) };

/** Minutes of one line and one zone with everything that adds up, some of them empty or with gaps. */
const minute = fc.record({
  crossings: fc.record({ in: fc.nat(50), out: fc.nat(50), stitched: fc.nat(5) }),
  observedMs: fc.integer({ min: 0, max: MINUTE }),
  reason: fc.constantFrom('backoff' as const, 'stalled' as const),
  occupancy: fc.option(fc.record({ min: fc.nat(3), more: fc.nat(9) })),
  bucket: fc.nat(DWELL_BOUNDS_MS.length),
  suspect: fc.uniqueArray(fc.constantFrom('moved' as const, 'covered' as const)),
});
type Minute = typeof minute extends fc.Arbitrary<infer T> ? T : never;

function recordsOf(minutes: readonly Minute[]): OutboxRecord[] {
  const totals = { in: 100, out: 100 };
  return minutes.flatMap((one, index): OutboxRecord[] => {
    totals.in += one.crossings.in;
    totals.out += one.crossings.out;
    const gap = MINUTE - one.observedMs;
    const { min, more } = one.occupancy ?? { min: 0, more: 0 };
    const common = {
      camera: 'door',
      start: START + index * MINUTE,
      lengthMs: MINUTE,
      observedMs: one.observedMs,
      gaps: gap > 0 ? [{ reason: one.reason, ms: gap }] : [],
      suspect: one.suspect,
      occupancy: one.occupancy && { min, max: min + more, mean: min + more / 2 },
      ...origin,
    };
    return [
      { kind: 'count', line: 'a', ...common, ...one.crossings, totals: { ...totals } },
      {
        kind: 'zone',
        zone: 'till',
        ...common,
        entries: one.crossings.in,
        exits: one.crossings.out,
        totals: { entries: totals.in, exits: totals.out },
        queue: one.occupancy && { max: more, mean: more / 2 },
        dwell: {
          sumMs: one.crossings.out * 1000,
          buckets: Array.from({ length: 9 }, (_, n) => (n === one.bucket ? one.crossings.out : 0)),
        },
      },
    ];
  });
}

function rowsOf(records: readonly OutboxRecord[]): Row[] {
  return records.map((record, index) => ({ seq: index + 1, record }));
}

function apply(rows: readonly Row[], lengthMs: number): Row[] {
  const { removed, changed } = mergeIntervals(rows, lengthMs);
  return rows
    .filter(({ seq }) => !removed.includes(seq))
    .map(({ seq, record }) => ({ seq, record: changed.get(seq) ?? record }));
}

const kind = <K extends OutboxRecord['kind']>(rows: readonly Row[], wanted: K) =>
  rows.flatMap(({ record }) =>
    record.kind === wanted ? [record as Extract<OutboxRecord, { kind: K }>] : [],
  );

/** Everything that must be the same however intervals are cut. */
function sums(rows: readonly Row[]) {
  const add = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const counts: CountRecord[] = kind(rows, 'count');
  const zones: ZoneRecord[] = kind(rows, 'zone');
  const all = [...counts, ...zones];
  return {
    in: add(counts.map((one) => one.in)),
    out: add(counts.map((one) => one.out)),
    stitched: add(counts.map((one) => one.stitched)),
    totals: [counts.at(-1)?.totals, zones.at(-1)?.totals],
    visits: [add(zones.map(({ entries }) => entries)), add(zones.map(({ exits }) => exits))],
    dwell: zones.reduce(
      (sum, { dwell }) => sum.map((n, i) => n + (dwell.buckets[i] ?? 0)),
      Array<number>(9).fill(0),
    ),
    dwellMs: add(zones.map(({ dwell }) => dwell.sumMs)),
    covered: add(all.map(({ lengthMs }) => lengthMs)),
    observed: add(all.map(({ observedMs }) => observedMs)),
    gaps: add(all.flatMap(({ gaps }) => gaps.map(({ ms }) => ms))),
    min: Math.min(...all.flatMap(({ occupancy }) => occupancy?.min ?? [])),
    max: Math.max(...all.flatMap(({ occupancy }) => occupancy?.max ?? [])),
    queueMax: Math.max(...zones.flatMap(({ queue }) => queue?.max ?? [])),
  };
}

describe('merged counts', () => {
  it('add up to the same, whatever they are, keep the contract, and are few', () => {
    fc.assert(
      fc.property(fc.array(minute, { minLength: 1, maxLength: 150 }), (minutes) => {
        const rows = rowsOf(recordsOf(minutes));
        const quarters = apply(rows, QUARTER);
        const hours = apply(quarters, HOUR);
        expect(sums(quarters)).toEqual(sums(rows));
        expect(sums(hours)).toEqual(sums(rows));
        expect(quarters).toHaveLength(2 * Math.ceil(minutes.length / 15));
        expect(hours).toHaveLength(2 * Math.ceil(minutes.length / 60));
        for (const { record } of hours) expect(recordSchema.safeParse(record).error).toBeUndefined();
        // Merged at once or in two steps, it is the same.
        expect(kind(apply(rows, HOUR), 'zone').map(({ dwell }) => dwell)).toEqual(
          kind(hours, 'zone').map(({ dwell }) => dwell),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('weigh means by the time that was observed', () => {
    const [a, b] = kind(rowsOf(recordsOf([empty(), empty()])), 'count');
    if (a === undefined || b === undefined) throw new Error('two records expected');
    const one = { ...a, observedMs: 60_000, gaps: [], occupancy: { min: 1, max: 5, mean: 4 } };
    const other = { ...b, observedMs: 20_000, gaps: [], occupancy: { min: 0, max: 2, mean: 0 } };
    const [merged] = kind(apply(rowsOf([one, other]), HOUR), 'count');
    expect(merged?.occupancy).toEqual({ min: 0, max: 5, mean: 3 });
  });

  it('name what was wrong with the picture in any part of the time', () => {
    const minutes = [[], ['moved'], ['covered', 'moved']] as const;
    const records = recordsOf(minutes.map((suspect) => ({ ...empty(), suspect: [...suspect] })));
    const merged = apply(rowsOf(records), QUARTER).map(({ record }) => record);
    expect(merged).toMatchObject([
      { kind: 'count', suspect: ['moved', 'covered'] },
      { kind: 'zone', suspect: ['moved', 'covered'] },
    ]);
  });

  it('carry the place of the last one, so that order and totals stay', () => {
    const rows = apply(rowsOf(recordsOf(Array.from({ length: 30 }, empty))), QUARTER);
    expect(rows.map(({ seq }) => seq)).toEqual([29, 30, 59, 60]);
  });

  it.each([
    ['another configuration', { configVersion: 'v2' }],
    ['another model', { modelHash: 'b'.repeat(64) }],
    ['a hole between them', { start: START + 2 * MINUTE }],
    ['another line', { line: 'b' }],
    ['another camera', { camera: 'gate' }],
    ['a time before (a clock that stepped back)', { start: START - 5 * MINUTE }],
  ])('stay apart with %s', (_, changes) => {
    const [a, b] = kind(rowsOf(recordsOf([empty(), empty()])), 'count');
    if (a === undefined || b === undefined) throw new Error('two records expected');
    expect(apply(rowsOf([a, { ...b, ...changes }]), HOUR)).toHaveLength(2);
  });

  it('never reach over the end of a UTC interval, also when minutes are not whole', () => {
    const moved = recordsOf(Array.from({ length: 40 }, empty)).flatMap((record) =>
      record.kind === 'count' ? [{ ...record, start: record.start + 30_000 }] : [],
    );
    const rows = kind(apply(rowsOf(moved), QUARTER), 'count');
    // The minute that lies on both sides of a quarter stays by itself.
    expect(rows.map(({ lengthMs }) => lengthMs / MINUTE)).toEqual([14, 1, 14, 1, 10]);
  });
});

describe('thinning', () => {
  const host = (minutes: number) => ({ kind: 'host', at: START + minutes * MINUTE }) as HostRecord;
  const edge = (
    state: CameraRecord['state'],
    cause: CameraRecord['cause'],
    camera = 'door',
  ): CameraRecord => ({
    kind: 'camera',
    camera,
    state,
    cause,
    at: START,
  });

  it('keeps the last host sample of every hour', () => {
    const rows = rowsOf(Array.from({ length: 150 }, (_, index) => host(index)));
    const { removed } = thin(rows, HOUR);
    expect(rows.flatMap(({ seq }) => (removed.includes(seq) ? [] : [seq]))).toEqual([60, 120, 150]);
  });

  it('keeps of a camera that fails again and again the first failure, and every change', () => {
    const records = [
      edge('streaming', 'first-frame'),
      edge('backoff', 'refused'),
      edge('connecting', 'retry'),
      edge('backoff', 'refused', 'gate'),
      edge('backoff', 'refused'),
      edge('connecting', 'retry'),
      edge('backoff', 'refused'),
      edge('connecting', 'retry'),
      edge('backoff', 'unauthorized'),
      edge('connecting', 'retry'),
      edge('streaming', 'first-frame'),
    ];
    const { removed } = thin(rowsOf(records), HOUR);
    const kept = records.filter((_, index) => !removed.includes(index + 1));
    expect(kept.map(({ camera, state, cause }) => `${camera} ${state} ${cause}`)).toEqual([
      'door streaming first-frame',
      'door backoff refused',
      'gate backoff refused',
      'door connecting retry',
      'door backoff unauthorized',
      'door connecting retry',
      'door streaming first-frame',
    ]);
  });
});

function empty(): Minute {
  return {
    crossings: { in: 0, out: 0, stitched: 0 },
    observedMs: MINUTE,
    reason: 'backoff',
    occupancy: null,
    bucket: 0,
    suspect: [],
  };
}
