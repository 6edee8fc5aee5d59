import {
  CONTRACT_VERSION,
  describeIssues,
  MAX_BATCH_RECORDS,
  recordSchema,
  rowsOf,
  type CameraRecord,
  type OutboxRecord,
  type ReceiptMessage,
  type RecordsMessage,
} from '@headcount/shared';
import type { LedgerGap } from '../counts/ledger.js';
import { applyCameraEdge, extendCounted, touchGateway, type CountedSpan } from '../fleet/fleet.js';
import { inTransaction, type Queryable } from '../store/store.js';
import { isMissing, readProgress, settleRange, type Progress } from './cursor.js';
import { addDeadLetter } from './dead-letters.js';
import { storeRecords, type SequencedRecord } from './records.js';
import { countedIn } from './rows.js';

/** What came of a batch. */
export interface StoredBatch {
  readonly receipt: ReceiptMessage;
  /** Records that were new, for those who watch. */
  readonly stored: readonly OutboxRecord[];
  /** Sequence numbers that the gateway skipped in front of this batch; they stand in the table of holes. */
  readonly missing: number;
  /** Counts that the totals of a line have and its intervals have not; new with this batch. */
  readonly ledgerGaps: readonly LedgerGap[];
}

/** A batch as it came. */
export interface Batch {
  readonly gateway: string;
  readonly topic: string;
  readonly message: RecordsMessage;
}

/**
 * Store a batch, in a transaction of its own or in the caller's. Records that are stored already are skipped, which makes a batch
 * that is sent twice harmless; the receipt is true as soon as the transaction has ended well.
 */
export async function storeBatch(
  db: Queryable,
  { message, ...source }: Batch,
  now: number,
): Promise<StoredBatch> {
  const { epoch, firstSeq } = message;
  const outbox = { gateway: source.gateway, epoch };
  // The batch answers for its whole range: a number in it without a record was merged into another or thinned.
  const range = { from: firstSeq, to: rowsOf(message).at(-1)?.seq ?? firstSeq };
  return inTransaction(db, async (trx) => {
    await touchGateway(trx, source.gateway, now);
    const before = await readProgress(trx, outbox, range);
    const { stored, deadLettered } = await parseMissing(trx, { source, message, before }, now);
    const refilled = (stored[0]?.seq ?? Infinity) <= before.storedUpTo;
    const ledgerGaps = await storeRecords(trx, { ...outbox, records: stored, refilled }, now);
    for (const span of countedSpans(source.gateway, stored)) await extendCounted(trx, span);
    for (const edge of newestEdges(stored, before)) await applyCameraEdge(trx, source.gateway, edge);
    const { storedUpTo, missing } = await settleRange(trx, outbox, { range, before }, now);
    const receipt = {
      v: CONTRACT_VERSION,
      epoch,
      storedUpTo,
      deadLettered,
      credit: MAX_BATCH_RECORDS,
    } as const;
    return { receipt, stored: stored.map(({ record }) => record), missing, ledgerGaps };
  });
}

/** What of a batch is not stored yet; records that can never be stored become dead letters. */
async function parseMissing(
  db: Queryable,
  batch: { source: { gateway: string; topic: string }; message: RecordsMessage; before: Progress },
  now: number,
): Promise<{ stored: SequencedRecord[]; deadLettered: ReceiptMessage['deadLettered'] }> {
  const { epoch } = batch.message;
  const stored: SequencedRecord[] = [];
  const deadLettered: ReceiptMessage['deadLettered'] = [];
  for (const { seq, record: value } of rowsOf(batch.message)) {
    if (!isMissing(batch.before, seq)) continue;
    const parsed = recordSchema.safeParse(value);
    if (parsed.success) {
      stored.push({ seq, record: parsed.data });
      continue;
    }
    const reason = describeIssues(parsed.error).join('; ').slice(0, 500);
    await addDeadLetter(db, { ...batch.source, epoch, seq, reason, payload: JSON.stringify(value) }, now);
    deadLettered.push({ seq, reason });
  }
  return { stored, deadLettered };
}

/** One span per line and zone, so that a backlog of hundreds of intervals touches each of them once. */
function countedSpans(gateway: string, stored: readonly SequencedRecord[]): CountedSpan[] {
  const spans = new Map<string, CountedSpan>();
  for (const { record } of stored) {
    const counted = countedIn(record);
    if (counted === undefined) continue;
    const { kind, camera, id, start, end } = counted;
    const key = `${kind} ${camera}/${id}`;
    const known = spans.get(key);
    const [from, to] = [Math.min(start, known?.from ?? start), Math.max(end, known?.to ?? 0)];
    spans.set(key, { kind, gateway, camera, id, from, to });
  }
  return [...spans.values()];
}

/** The last edge of each camera; what fills an old hole says nothing about now. */
function newestEdges(stored: readonly SequencedRecord[], { storedUpTo }: Progress): CameraRecord[] {
  const edges = new Map<string, CameraRecord>();
  for (const { seq, record } of stored) {
    if (record.kind === 'camera' && seq > storedUpTo) edges.set(record.camera, record);
  }
  return [...edges.values()];
}
