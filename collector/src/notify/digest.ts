import type { Contact } from '../oncall/targets.js';
import type { Store } from '../store/store.js';
import type { NotificationRow } from '../store/tables-notify.js';
import type { NotificationData } from './message.js';
import { queueNotification } from './queue.js';

/** Entries of one digest; what is left comes in the next one. */
const MOST_ENTRIES = 50;
/** A digest that cannot be sent for so long is of no use any more (ms). */
const DIGEST_MS = 12 * 3_600_000;

/** Put the low messages whose morning has come into one digest per contact. */
export async function gatherDigests(store: Store, now: number): Promise<void> {
  await store.transaction().execute(async (trx) => {
    const due = await trx
      .selectFrom('notification')
      .selectAll()
      .where('next_at', '<=', now)
      .where('state', '=', 'queued')
      .where('severity', '=', 'low')
      .where('kind', 'in', ['page', 'update'])
      .orderBy('created_at')
      .execute();
    for (const contact of new Set(due.map((row) => row.contact))) {
      const entries = due.filter((row) => row.contact === contact).slice(0, MOST_ENTRIES);
      const [first] = entries;
      if (first === undefined) continue;
      const id = await queueNotification(
        trx,
        {
          ...{
            incident: null,
            step: 0,
            loop: 0,
            kind: 'digest',
            severity: 'low',
            deadlineAt: now + DIGEST_MS,
          },
          contact: contactOf(first),
          fallbacks: JSON.parse(first.fallbacks) as Contact[],
          data: digestOf(entries.map(({ payload }) => JSON.parse(payload) as NotificationData)),
        },
        now,
      );
      await trx
        .updateTable('notification')
        .set({ state: 'superseded', next_at: null, superseded_by: id })
        .where(
          'id',
          'in',
          entries.map((row) => row.id),
        )
        .execute();
    }
  });
}

/** The contact as it was when the message was queued. */
export function contactOf({ contact, channel, address, language }: NotificationRow): Contact {
  return { id: contact, kind: channel, address, language };
}

function digestOf(items: NotificationData[]): NotificationData {
  const [first] = items;
  return {
    ...{ number: null, site: null, runbook: '', items },
    title: { en: `${items.length} of low severity`, vi: `${items.length} mục mức thấp` },
    since: Math.min(...items.map(({ since }) => since)),
    timeZone: first?.recipientZone ?? first?.timeZone ?? 'UTC',
  };
}
