import type { Store } from '../store/store.js';
import { queueFallback } from './attempts.js';

/** What a provider says of a message that it has taken. */
export interface Receipt {
  readonly notification: string;
  /** Id at the provider. */
  readonly ref: string;
  /** Place in the order of receipts; one that came late says nothing new. */
  readonly seq: number;
  readonly result: 'under way' | 'delivered' | 'failed';
  readonly error: string;
}

/** Note a receipt; a message that did not arrive goes to the next contact now. @param now UTC ms @returns the contact, when it was news */
export async function takeReceipt(store: Store, receipt: Receipt, now: number): Promise<string | undefined> {
  const { notification, ref, seq, result, error } = receipt;
  return store.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('notification')
      .selectAll()
      .where('id', '=', notification)
      .where('provider_ref', '=', ref)
      .where('provider_seq', '<', seq)
      .where('state', '=', 'sent')
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const change = {
      'under way': {},
      delivered: { state: 'delivered', delivered_at: now },
      failed: { state: 'failed', error },
    } as const;
    await trx
      .updateTable('notification')
      .set({ ...change[result], provider_seq: seq })
      .where('id', '=', notification)
      .where('state', '=', 'sent')
      .execute();
    if (result === 'failed' && row.acked_at === null) await queueFallback(trx, row, now);
    return row.contact;
  });
}
