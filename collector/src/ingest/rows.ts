import type { CountRecord, OutboxRecord, ZoneRecord } from '@headcount/shared';
import type { Counted } from '../counts/rollup-rows.js';
import type { CountRow, ZoneRow } from '../store/tables.js';

/** Where a record stands. */
export interface RecordKey {
  readonly gateway: string;
  readonly epoch: string;
  readonly seq: number;
}

/** The row of a line's interval. */
export function countRow({ gateway, epoch, seq }: RecordKey, record: CountRecord, now: number): CountRow {
  return {
    gateway,
    epoch,
    seq,
    camera: record.camera,
    line: record.line,
    start_at: record.start,
    end_at: record.start + record.lengthMs,
    in_count: record.in,
    out_count: record.out,
    total_in: record.totals.in,
    total_out: record.totals.out,
    occupancy_min: record.occupancy?.min ?? null,
    occupancy_max: record.occupancy?.max ?? null,
    occupancy_mean: record.occupancy?.mean ?? null,
    observed_ms: record.observedMs,
    gaps: record.gaps.length > 0 ? JSON.stringify(record.gaps) : '[]',
    config_version: record.configVersion,
    model_hash: record.modelHash,
    received_at: now,
    stitched: record.stitched,
    suspect: record.suspect.length > 0 ? JSON.stringify(record.suspect) : null,
  };
}

/** The row of a zone's interval. */
export function zoneRow(key: RecordKey, record: ZoneRecord): ZoneRow {
  const { camera, zone, start, lengthMs, entries, exits, occupancy, queue, dwell } = record;
  return {
    ...key,
    ...{ camera, zone, entries, exits },
    start_at: start,
    end_at: start + lengthMs,
    occupancy_max: occupancy?.max ?? null,
    queue_max: queue?.max ?? null,
    dwell_ms: dwell.sumMs,
    dwell_visits: visitsIn(record),
    observed_ms: record.observedMs,
    body: JSON.stringify(record),
  };
}

/** What a record adds to the sums; undefined for one that counts nothing. */
export function countedIn(record: OutboxRecord): Counted | undefined {
  if (record.kind !== 'count' && record.kind !== 'zone') return undefined;
  const { camera, start, lengthMs, observedMs, gaps, suspect } = record;
  const common = { camera, start, end: start + lengthMs, observedMs, gaps, suspect };
  const occupancyMax = record.occupancy?.max ?? null;
  if (record.kind === 'count') {
    const { line: id, in: entered, out, stitched } = record;
    const none = { queueMax: null, dwellMs: 0, dwellVisits: 0 };
    return { kind: 'line', id, ...common, in: entered, out, stitched, occupancyMax, ...none };
  }
  const { zone: id, entries, exits, queue, dwell } = record;
  const sums = { in: entries, out: exits, stitched: 0, dwellMs: dwell.sumMs, dwellVisits: visitsIn(record) };
  return { kind: 'zone', id, ...common, ...sums, occupancyMax, queueMax: queue?.max ?? null };
}

function visitsIn({ dwell }: ZoneRecord): number {
  return dwell.buckets.reduce((sum, visits) => sum + visits, 0);
}
