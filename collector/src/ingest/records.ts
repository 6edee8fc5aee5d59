import { type AuditRecord, type OutboxRecord, type SceneRecord } from '@headcount/shared';
import { noteCounts } from '../accuracy/stored-verdicts.js';
import { noteLateQuarters } from '../counts/late-quarters.js';
import { checkLedger, type LedgerGap } from '../counts/ledger.js';
import { addToRollups } from '../counts/rollups.js';
import { askForVerdicts } from '../fleet/verdict-rows.js';
import { insertRows } from '../store/insert.js';
import type { Queryable } from '../store/store.js';
import { countedIn, countRow, zoneRow, type RecordKey } from './rows.js';
import { storeWalkTest } from './walk-tests.js';

/** A record with its sequence number. */
export interface SequencedRecord {
  readonly seq: number;
  readonly record: OutboxRecord;
}

/** Records of one outbox that are not stored yet. */
export interface NewRecords {
  readonly gateway: string;
  readonly epoch: string;
  readonly records: readonly SequencedRecord[];
  /** Some of them fill a hole in front of records that are stored already. */
  readonly refilled: boolean;
}

/**
 * Store records with what follows from them: sums, and the proof that nothing is missing. One statement per kind for what
 * comes by the hundred.
 * @returns counts that the totals prove missing
 */
export async function storeRecords(db: Queryable, batch: NewRecords, now: number): Promise<LedgerGap[]> {
  const { gateway, epoch, records, refilled } = batch;
  const rows = records.flatMap(({ seq, record }) =>
    record.kind === 'count' ? [countRow({ gateway, epoch, seq }, record, now)] : [],
  );
  await insertRows(db, 'count_interval', rows, (insert) => insert.onConflict((c) => c.doNothing()));
  const zones = records.flatMap(({ seq, record }) =>
    record.kind === 'zone' ? [zoneRow({ gateway, epoch, seq }, record)] : [],
  );
  await insertRows(db, 'zone_interval', zones, (insert) => insert.onConflict((c) => c.doNothing()));
  for (const { seq, record } of records) await storeOther(db, { gateway, epoch, seq }, record);
  await noteCounts(db, gateway, rows);
  const counted = records.flatMap(({ record }) => countedIn(record) ?? []);
  await addToRollups(db, gateway, counted);
  await noteLateQuarters(db, gateway, { counted, now });
  return checkLedger(db, { gateway, epoch }, { rows, refilled }, now);
}

/** Records that come now and then. */
async function storeOther(db: Queryable, key: RecordKey, record: OutboxRecord): Promise<void> {
  switch (record.kind) {
    case 'count':
    case 'zone':
      return;
    case 'camera': {
      const { camera, state, cause, at } = record;
      await db
        .insertInto('camera_edge')
        .values({ ...key, camera, state, cause, at })
        .onConflict((c) => c.doNothing())
        .execute();
      return;
    }
    case 'capacity': {
      const { camera, zone, at, over, occupancy, capacity } = record;
      await db
        .insertInto('zone_edge')
        .values({ ...key, camera, zone, at, over: over ? 1 : 0, occupancy, capacity })
        .onConflict((c) => c.doNothing())
        .execute();
      return;
    }
    case 'host':
      await db
        .insertInto('host_sample')
        .values({ ...key, at: record.at, body: JSON.stringify(record) })
        .onConflict((c) => c.doNothing())
        .execute();
      return;
    case 'event': {
      const { at, event, detail } = record;
      await db
        .insertInto('gateway_event')
        .values({ ...key, at, event, detail })
        .onConflict((c) => c.doNothing())
        .execute();
      if (event === 'walk-test') await storeWalkTest(db, key, detail);
      return;
    }
    case 'scene':
      return storeScene(db, key, record);
    case 'audit':
      return storeAudit(db, key, record);
  }
}

async function storeScene(db: Queryable, key: RecordKey, record: SceneRecord): Promise<void> {
  const { camera, at, active, accepted } = record;
  await db
    .insertInto('scene_edge')
    .values({ ...key, camera, at, active: JSON.stringify(active), accepted: accepted ? 1 : 0 })
    .onConflict((c) => c.doNothing())
    .execute();
  // Who takes a picture that had moved makes the audits of the one before worthless.
  if (accepted || active.includes('moved')) await askForVerdicts(db, { gateway: key.gateway, camera });
}

async function storeAudit(db: Queryable, key: RecordKey, record: AuditRecord): Promise<void> {
  const { camera, line, answeredAt } = record.result;
  await db
    .insertInto('audit_clip')
    .values({ ...key, camera, line, at: answeredAt, body: JSON.stringify(record) })
    .onConflict((c) => c.doNothing())
    .execute();
  await askForVerdicts(db, { gateway: key.gateway, camera, line });
}
