import {
  describeIssues,
  recordSchema,
  type AuditRecord,
  type CountRecord,
  type OutboxRecord,
  type SceneRecord,
  type ZoneRecord,
} from '@headcount/shared';
import type { Queryable } from '../store/store.js';
import type { CountRow, ZoneRow } from '../store/tables.js';
import { addDeadLetter } from './dead-letters.js';
import { storeWalkTest } from './walk-tests.js';

/** Where a record stands. */
export interface RecordKey {
  readonly gateway: string;
  readonly epoch: string;
  readonly seq: number;
}

/**
 * Store one record, or keep it as a dead letter when it does not fit the contract.
 * @returns the record, or why it is dead
 */
export async function storeRecord(
  db: Queryable,
  key: RecordKey,
  value: unknown,
  context: { topic: string; now: number },
): Promise<{ record: OutboxRecord } | { reason: string }> {
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) {
    const reason = describeIssues(parsed.error).join('; ').slice(0, 500);
    const letter = { ...key, topic: context.topic, reason, payload: JSON.stringify(value) };
    await addDeadLetter(db, letter, context.now);
    return { reason };
  }
  const record = parsed.data;
  switch (record.kind) {
    case 'count':
      await db
        .insertInto('count_interval')
        .values(countRow(key, record, context.now))
        .onConflict((c) => c.doNothing())
        .execute();
      break;
    case 'camera': {
      const { camera, state, cause, at } = record;
      await db
        .insertInto('camera_edge')
        .values({ ...key, camera, state, cause, at })
        .onConflict((c) => c.doNothing())
        .execute();
      break;
    }
    case 'zone':
      await db
        .insertInto('zone_interval')
        .values(zoneRow(key, record))
        .onConflict((c) => c.doNothing())
        .execute();
      break;
    case 'capacity': {
      const { camera, zone, at, over, occupancy, capacity } = record;
      await db
        .insertInto('zone_edge')
        .values({ ...key, camera, zone, at, over: over ? 1 : 0, occupancy, capacity })
        .onConflict((c) => c.doNothing())
        .execute();
      break;
    }
    case 'host':
      await db
        .insertInto('host_sample')
        .values({ ...key, at: record.at, body: JSON.stringify(record) })
        .onConflict((c) => c.doNothing())
        .execute();
      break;
    case 'event': {
      const { at, event, detail } = record;
      await db
        .insertInto('gateway_event')
        .values({ ...key, at, event, detail })
        .onConflict((c) => c.doNothing())
        .execute();
      if (event === 'walk-test') await storeWalkTest(db, key, detail);
      break;
    }
    case 'scene':
      await storeScene(db, key, record);
      break;
    case 'audit':
      await storeAudit(db, key, record);
      break;
  }
  return { record };
}

async function storeScene(db: Queryable, key: RecordKey, record: SceneRecord): Promise<void> {
  const { camera, at, active, accepted } = record;
  await db
    .insertInto('scene_edge')
    .values({ ...key, camera, at, active: JSON.stringify(active), accepted: accepted ? 1 : 0 })
    .onConflict((c) => c.doNothing())
    .execute();
}

async function storeAudit(db: Queryable, key: RecordKey, record: AuditRecord): Promise<void> {
  const { camera, line, answeredAt } = record.result;
  await db
    .insertInto('audit_clip')
    .values({ ...key, camera, line, at: answeredAt, body: JSON.stringify(record) })
    .onConflict((c) => c.doNothing())
    .execute();
}

function countRow(key: RecordKey, record: CountRecord, now: number): CountRow {
  return {
    ...key,
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
    gaps: JSON.stringify(record.gaps),
    config_version: record.configVersion,
    model_hash: record.modelHash,
    received_at: now,
    stitched: record.stitched,
    suspect: record.suspect.length > 0 ? JSON.stringify(record.suspect) : null,
  };
}

function zoneRow(key: RecordKey, record: ZoneRecord): ZoneRow {
  const { camera, zone, start, lengthMs, entries, exits, occupancy, queue, dwell } = record;
  return {
    ...key,
    ...{ camera, zone, entries, exits },
    start_at: start,
    end_at: start + lengthMs,
    occupancy_max: occupancy?.max ?? null,
    queue_max: queue?.max ?? null,
    dwell_ms: dwell.sumMs,
    dwell_visits: dwell.buckets.reduce((sum, visits) => sum + visits, 0),
    observed_ms: record.observedMs,
    body: JSON.stringify(record),
  };
}
