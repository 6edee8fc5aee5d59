import { sql } from 'kysely';
import type { Contact } from '../oncall/targets.js';
import type { Store, Queryable } from '../store/store.js';
import type { NotificationRow } from '../store/tables-notify.js';
import { makeAckToken } from './links.js';
import type { NotificationData, Outcome } from './message.js';
import { queueNotification } from './queue.js';
import { withoutSealed } from './sealed.js';
import { afterAttempt, ATTEMPT_MS, type Move } from './transitions.js';

/** A fallback of a message that is past its deadline still has so long (ms). */
const FALLBACK_MS = 5 * 60_000;

/** A message with its attempt begun. */
export interface Leased {
  readonly row: NotificationRow;
  /** Secret part of its one-time link, where it can be answered. */
  readonly token: string | undefined;
}

/** Messages that are due, the most urgent first. */
export async function dueNotifications(store: Store, now: number, limit: number): Promise<NotificationRow[]> {
  return (
    store
      .selectFrom('notification')
      .selectAll()
      .where('next_at', '<=', now)
      .where('state', 'in', ['queued', 'unknown'])
      // Those go out gathered; see digest.ts.
      .where((where) =>
        where.or([where('severity', '!=', 'low'), where('kind', 'not in', ['page', 'update'])]),
      )
      .orderBy('urgency')
      .orderBy('created_at')
      .limit(limit)
      .execute()
  );
}

/** Look at a message later. */
export async function defer(store: Store, { id, state }: NotificationRow, until: number): Promise<void> {
  await store
    .updateTable('notification')
    .set({ next_at: until })
    .where('id', '=', id)
    .where('state', '=', state)
    .where('next_at', 'is not', null)
    .execute();
}

/**
 * Begin an attempt, in a transaction of its own that is over before anything is sent: whatever happens then, the outbox knows
 * that it may have been sent.
 * @returns undefined when the message is somebody else's or nobody's by now, or is past its deadline
 */
export async function beginAttempt(
  store: Store,
  due: NotificationRow,
  { holder, links, now }: { holder: string; links: boolean; now: number },
): Promise<Leased | undefined> {
  return store.transaction().execute(async (trx) => {
    if (isPastDeadline(due, now)) {
      const error = 'nothing could be sent before its deadline';
      const failed = await move(trx, due, { state: 'failed', next_at: null, error });
      if (failed) await queueFallback(trx, due, now);
      return undefined;
    }
    const row: NotificationRow = {
      ...due,
      ...{ state: 'sending', attempts: due.attempts + 1, next_at: now + ATTEMPT_MS, begun_at: now, holder },
      duplicate: due.state === 'unknown' ? 1 : due.duplicate,
    };
    const { state, attempts, next_at, begun_at, duplicate } = row;
    if (!(await move(trx, due, { state, attempts, next_at, begun_at, duplicate, holder }))) return undefined;
    const answered = links && (row.kind === 'page' || row.kind === 'test');
    return { row, token: answered ? await makeAckToken(trx, row.id, now) : undefined };
  });
}

/** A page that was never tried is tried, however late. What may have been sent is sent again, however late. */
function isPastDeadline({ state, kind, attempts, deadline_at }: NotificationRow, now: number): boolean {
  return state === 'queued' && now > deadline_at && (attempts > 0 || kind !== 'page');
}

/** Change a row unless it was changed since it was read. At rest, nothing sealed stays in it. */
async function move(
  trx: Queryable,
  { id, state, attempts, kind, payload }: NotificationRow,
  change: Partial<NotificationRow>,
): Promise<boolean> {
  const atRest = kind === 'verify' && change.next_at === null;
  const { numUpdatedRows } = await trx
    .updateTable('notification')
    .set({ ...change, ...(atRest && { payload: withoutSealed(payload) }) })
    .where('id', '=', id)
    .where('state', '=', state)
    .where('attempts', '=', attempts)
    .where('next_at', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * Note what came of an attempt, and try the next contact where that is due, all or nothing.
 * @param random 0 to 1, for the jitter
 * @returns what became of the message; undefined when its attempt had been given up before
 */
export async function settleAttempt(
  store: Store,
  row: NotificationRow,
  outcome: Outcome,
  { now, random }: { now: number; random: number },
): Promise<Move | undefined> {
  return store.transaction().execute(async (trx) => {
    const current = await trx
      .selectFrom('notification')
      .selectAll()
      .where('id', '=', row.id)
      .where('state', '=', 'sending')
      .where('attempts', '=', row.attempts)
      .executeTakeFirst();
    if (current === undefined) return undefined;
    const { attempts, severity, deadline_at: deadlineAt } = current;
    const flags = { duplicate: current.duplicate === 1, unwanted: current.unwanted === 1 };
    const next = afterAttempt({ attempts, severity, deadlineAt, ...flags }, outcome, now, random);
    const error = outcome.kind === 'ok' ? null : outcome.error;
    const moved = await move(trx, current, {
      ...{ state: next.state, next_at: next.nextAt, holder: null, begun_at: null, error },
      ...(outcome.kind === 'ok' && { sent_at: now, provider_ref: outcome.ref ?? null }),
      ...(next.state === 'queued' && { unwanted: 0 }),
    });
    if (!moved) return undefined;
    await trx
      .insertInto('notification_attempt')
      .values({
        ...{ notification: row.id, n: attempts, started_at: current.begun_at ?? now, ended_at: now },
        ...{ outcome: outcome.kind, status: outcome.status ?? null, error },
      })
      .execute();
    if (next.fallback) await queueFallback(trx, current, now);
    return next;
  });
}

/** The same message for the next contact, now. */
export async function queueFallback(trx: Queryable, row: NotificationRow, now: number): Promise<void> {
  const [contact, ...fallbacks] = JSON.parse(row.fallbacks) as Contact[];
  if (contact === undefined) return;
  const { incident, step, loop, kind, severity, deadline_at } = row;
  const data = JSON.parse(row.payload) as NotificationData;
  const deadlineAt = Math.max(deadline_at, now + FALLBACK_MS);
  await queueNotification(
    trx,
    { incident, contact, fallbacks, step, loop, kind, severity, data, deadlineAt },
    now,
  );
}

/**
 * Messages whose attempt nobody will settle any more: its time is over, or the collector that began it is gone.
 * @param holder this collector, which settles its own
 */
export async function orphanedAttempts(
  store: Store,
  { holder, now }: { holder: string; now: number },
): Promise<NotificationRow[]> {
  return store
    .selectFrom('notification')
    .selectAll()
    .where('state', '=', 'sending')
    .where('next_at', 'is not', null)
    .where((where) =>
      where.or([
        where('next_at', '<=', now),
        where.and([
          where('holder', '!=', holder),
          where.not(
            where.exists(
              where
                .selectFrom('collector_instance')
                .select(sql`1`.as('one'))
                .whereRef('collector_instance.id', '=', 'notification.holder'),
            ),
          ),
        ]),
      ]),
    )
    .execute();
}
