import type { OutboxRecord, ReceiptMessage, RecordsMessage } from '@headcount/shared';
import { CONTRACT_VERSION, MAX_BATCH_RECORDS } from '@headcount/shared';
import { touchGateway } from '../fleet/fleet.js';
import type { Store } from '../store/store.js';
import { storeRecord } from './records.js';

/** What came of a batch. */
export interface StoredBatch {
  readonly receipt: ReceiptMessage;
  /** Records that were new, for those who watch. */
  readonly stored: readonly OutboxRecord[];
  /** Sequence numbers that a gap in front of this batch skipped: counts that can only have been lost. */
  readonly missing: number;
}

/**
 * Store a batch in one transaction. Records at or below the cursor were stored before and are skipped, which makes a
 * batch that is sent twice harmless; the receipt is true as soon as this resolves.
 */
export async function storeBatch(
  store: Store,
  source: { gateway: string; topic: string },
  message: RecordsMessage,
  now: number,
): Promise<StoredBatch> {
  const { gateway, topic } = source;
  const { epoch, firstSeq, records } = message;
  return store.transaction().execute(async (trx) => {
    const cursor = await trx
      .selectFrom('ingest_cursor')
      .select(['stored_up_to', 'missing'])
      .where('gateway', '=', gateway)
      .where('epoch', '=', epoch)
      .executeTakeFirst();
    const storedBefore = cursor?.stored_up_to ?? 0;
    const stored: OutboxRecord[] = [];
    const deadLettered: ReceiptMessage['deadLettered'] = [];
    for (const [index, value] of records.entries()) {
      const seq = firstSeq + index;
      if (seq <= storedBefore) continue;
      const outcome = await storeRecord(trx, { gateway, epoch, seq }, value, { topic, now });
      if ('record' in outcome) stored.push(outcome.record);
      else deadLettered.push({ seq, reason: outcome.reason });
    }
    const storedUpTo = Math.max(storedBefore, firstSeq + records.length - 1);
    const missing = Math.max(0, firstSeq - storedBefore - 1);
    const row = {
      gateway,
      epoch,
      stored_up_to: storedUpTo,
      missing: (cursor?.missing ?? 0) + missing,
      updated_at: now,
    };
    await trx
      .insertInto('ingest_cursor')
      .values(row)
      .onConflict((conflict) => conflict.columns(['gateway', 'epoch']).doUpdateSet(row))
      .execute();
    await touchGateway(trx, gateway, now);
    const receipt = {
      v: CONTRACT_VERSION,
      epoch,
      storedUpTo,
      deadLettered,
      credit: MAX_BATCH_RECORDS,
    } as const;
    return { receipt, stored, missing };
  });
}
