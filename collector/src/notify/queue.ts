import { createHash, randomUUID } from 'node:crypto';
import { instantOfDay, wallDay } from '../counts/zone.js';
import type { Contact } from '../oncall/targets.js';
import type { NotificationKind, NotificationSeverity } from '../schema/notification-words.js';
import { inTransaction, type Queryable } from '../store/store.js';
import type { NotificationData } from './message.js';
import { urgencyOf } from './urgency.js';

/** Minutes after midnight at which low ones come, gathered. */
const DIGEST_MINUTES = 9 * 60;

/** A message for a contact, and whom to try when it fails. */
export interface NewNotification {
  readonly incident: string | null;
  /** What one without an incident is about: said again, it is the same message, whenever that is. */
  readonly about?: string;
  readonly contact: Contact;
  readonly fallbacks: readonly Contact[];
  readonly step: number;
  readonly loop: number;
  readonly kind: NotificationKind;
  readonly severity: NotificationSeverity;
  readonly data: NotificationData;
  /** No attempt begins after it, UTC ms; a page is tried once in any case. */
  readonly deadlineAt: number;
}

/**
 * Put a message into the outbox. The same message (incident, recipient, step, loop and kind; of those without an incident
 * also what it is about, or else the time) is there once. Low pages and updates wait for the recipient's morning. What waits in the same thread and says
 * less than this one is superseded.
 * @param now UTC ms
 * @returns its id
 */
export async function queueNotification(
  db: Queryable,
  notification: NewNotification,
  now: number,
): Promise<string> {
  return inTransaction(db, (trx) => insert(trx, notification, now));
}

async function insert(trx: Queryable, notification: NewNotification, now: number): Promise<string> {
  const { incident, contact, fallbacks, step, loop, kind, severity, data, deadlineAt } = notification;
  const id = randomUUID();
  const idem_key = idempotencyKey(notification, now);
  const thread = incident === null ? null : `${incident} ${contact.id}`;
  const inserted = await trx
    .insertInto('notification')
    .values({
      ...{ id, idem_key, incident, kind, severity, step, loop, thread, created_at: now },
      urgency: urgencyOf(notification, await isFirst(trx, notification)),
      ...{ contact: contact.id, channel: contact.kind, address: contact.address, language: contact.language },
      ...{ fallbacks: JSON.stringify(fallbacks), payload: JSON.stringify(data) },
      ...{ next_at: isForDigest(notification) ? nextDigest(data, now) : now, deadline_at: deadlineAt },
    })
    .onConflict((conflict) => conflict.column('idem_key').doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 1n) {
    if (thread !== null) await supersede(trx, { id, thread, kind });
    return id;
  }
  const known = await trx
    .selectFrom('notification')
    .select('id')
    .where('idem_key', '=', idem_key)
    .executeTakeFirstOrThrow();
  return known.id;
}

function idempotencyKey(
  { incident, about, contact, step, loop, kind }: NewNotification,
  now: number,
): string {
  const parts = [incident ?? about ?? now, contact.id, step, loop, kind];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Whether nobody was paged for the incident before this step. */
async function isFirst(trx: Queryable, { incident, step, loop }: NewNotification): Promise<boolean> {
  if (incident === null) return false;
  const earlier = await trx
    .selectFrom('notification')
    .select('id')
    .where('incident', '=', incident)
    .where('kind', '=', 'page')
    .where((where) => where.or([where('step', '!=', step), where('loop', '!=', loop)]))
    .limit(1)
    .executeTakeFirst();
  return earlier === undefined;
}

function isForDigest({ kind, severity }: NewNotification): boolean {
  return severity === 'low' && (kind === 'page' || kind === 'update');
}

/** The next nine o'clock of the recipient, after `now`. */
function nextDigest({ recipientZone, timeZone }: NotificationData, now: number): number {
  const zone = recipientZone ?? timeZone;
  const today = instantOfDay(zone, wallDay(zone, now), DIGEST_MINUTES);
  return today > now ? today : instantOfDay(zone, wallDay(zone, now) + 1, DIGEST_MINUTES);
}

/** News replace news; a page also replaces an older page, and nothing else does, because it asks somebody to act. */
async function supersede(
  trx: Queryable,
  { id, thread, kind }: { id: string; thread: string; kind: NotificationKind },
): Promise<void> {
  const older: NotificationKind[] = kind === 'page' ? ['page', 'update'] : ['update', 'resolved'];
  await trx
    .updateTable('notification')
    .set({ state: 'superseded', next_at: null, superseded_by: id })
    .where('thread', '=', thread)
    .where('id', '!=', id)
    .where('state', '=', 'queued')
    .where('kind', 'in', older)
    .execute();
}

/**
 * Nobody needs the pages of an incident any more: what waits is cancelled; what is being sent is not sent again.
 * @param now UTC ms
 */
export async function cancelPages(db: Queryable, incident: string, now: number): Promise<void> {
  await inTransaction(db, async (trx) => {
    const pages = trx.updateTable('notification').where('incident', '=', incident).where('kind', '=', 'page');
    await pages
      .set({ state: 'cancelled', next_at: null, error: `cancelled at ${new Date(now).toISOString()}` })
      .where((where) =>
        where.or([
          where('state', '=', 'queued'),
          where.and([where('state', '=', 'unknown'), where('next_at', 'is not', null)]),
        ]),
      )
      .execute();
    await pages.set({ unwanted: 1 }).where('state', '=', 'sending').execute();
  });
}
