import { recorded } from '../audit-log/audit-log.js';
import type { ChannelKind } from '../schema/notification-words.js';
import { hashSecret } from '../security/secrets.js';
import type { Queryable, Store } from '../store/store.js';
import type { NotificationRow } from '../store/tables-notify.js';
import { masked } from './masked.js';
import { cancelPages } from './queue.js';

/** Somebody answers to a message. */
export interface Acknowledgement {
  /** The transaction in which the answer is noted; nothing else may be used of the database. */
  readonly trx: Queryable;
  readonly incident: string;
  readonly action: 'ack' | 'resolve';
  readonly user: string;
  readonly channel: ChannelKind;
  /** UTC ms. */
  readonly now: number;
}

/** What answers lead to; a ProblemError that `onAck` throws is shown to whoever answered, and nothing is noted. */
export interface AnswerSide {
  readonly store: Store;
  readonly onAck?: ((acknowledgement: Acknowledgement) => Promise<void>) | undefined;
  /** Called after an answer has been committed that belongs to an incident. */
  readonly onAnswered?: ((incident: string) => void) | undefined;
  /** The person whose contact it is; what is known of the address where nobody knows. */
  readonly userOf?: ((contact: string) => Promise<string | undefined>) | undefined;
  /** UTC ms. */
  readonly now: () => number;
}

/** An answer by whom it came, and from where. */
export interface Answer {
  readonly action: 'ack' | 'resolve';
  /** Undefined for the person whose contact it is. */
  readonly user?: string;
  /** Address that the answer came from. */
  readonly from: string;
}

export type Answered = 'done' | 'already' | 'unknown';

/** Note an answer to a message, end the paging, and tell the incident, all or nothing. */
export async function answer(side: AnswerSide, notification: string, given: Answer): Promise<Answered> {
  return withRow(side, notification, (row, user) =>
    side.store.transaction().execute((trx) => note(trx, row, { ...given, user: given.user ?? user }, side)),
  );
}

/** What a one-time link stands for. */
export interface Link {
  readonly row: NotificationRow;
  /** Whether it can still be used. */
  readonly open: boolean;
}

/** Look a link up, without using it. */
export async function linkOf(side: AnswerSide, token: string): Promise<Link | undefined> {
  const known = await side.store
    .selectFrom('ack_token')
    .select(['notification', 'used_at', 'expires_at'])
    .where('hash', '=', hashSecret(token))
    .executeTakeFirst();
  if (known === undefined) return undefined;
  const row = await rowOf(side.store, known.notification);
  return row && { row, open: known.used_at === null && known.expires_at > side.now() };
}

/** Use a one-time link. "already" when it was used before or has expired. */
export async function useLink(side: AnswerSide, token: string, from: string): Promise<Answered> {
  const link = await linkOf(side, token);
  if (link === undefined) return 'unknown';
  return withRow(side, link.row.id, (row, user) =>
    side.store.transaction().execute(async (trx) => {
      const now = side.now();
      const { numUpdatedRows } = await trx
        .updateTable('ack_token')
        .set({ used_at: now, used_from: from })
        .where('hash', '=', hashSecret(token))
        .where('used_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return 'already';
      await note(trx, row, { action: 'ack', user, from }, side);
      return 'done';
    }),
  );
}

/** A transaction must not wait for whoever knows the people, so that is asked before; pages hear of it after. */
async function withRow(
  { store, userOf, onAnswered }: AnswerSide,
  notification: string,
  work: (row: NotificationRow, user: string) => Promise<Answered>,
): Promise<Answered> {
  const row = await rowOf(store, notification);
  if (row === undefined) return 'unknown';
  const answered = await work(row, (await userOf?.(row.contact)) ?? masked(row.channel, row.address));
  if (answered === 'done' && row.incident !== null) onAnswered?.(row.incident);
  return answered;
}

async function rowOf(db: Queryable, id: string): Promise<NotificationRow | undefined> {
  return db.selectFrom('notification').selectAll().where('id', '=', id).executeTakeFirst();
}

async function note(
  trx: Queryable,
  { id, incident, channel }: NotificationRow,
  { action, user, from }: Answer & { user: string },
  { onAck, now: clock }: AnswerSide,
): Promise<Answered> {
  const now = clock();
  const { numUpdatedRows } = await trx
    .updateTable('notification')
    .set({ acked_at: now, acked_by: user })
    .where('id', '=', id)
    .where('acked_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n && action === 'ack') return 'already';
  const entry = { actor: user, address: from, action: `notification.${action}`, object: incident ?? id };
  await recorded(trx, { ...entry, detail: `answered by ${channel}` }, now, async () => {
    if (incident === null) return;
    await cancelPages(trx, incident, now);
    await onAck?.({ trx, incident, action, user, channel, now });
  });
  return 'done';
}
