import { createHash } from 'node:crypto';
import type { Queryable, Store } from '../store/store.js';

/** Characters of a payload that are kept. */
const MAX_PAYLOAD = 65_536;
/** Dead letters that are kept; the nightly purge drops the oldest beyond. */
const MAX_LETTERS = 10_000;

/** A message that can never be stored. */
export interface DeadLetter {
  readonly gateway: string;
  readonly topic: string;
  readonly epoch: string | null;
  readonly seq: number | null;
  readonly reason: string;
  readonly payload: string;
}

/** Keep a message that can never be stored; the same one again is kept once. */
export async function addDeadLetter(db: Queryable, letter: DeadLetter, now: number): Promise<void> {
  const payload = letter.payload.slice(0, MAX_PAYLOAD);
  await db
    .insertInto('dead_letter')
    .values({
      ...letter,
      payload,
      payload_sha256: createHash('sha256').update(letter.payload).digest('hex'),
      at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Drop the oldest dead letters beyond the limit; returns how many. */
export async function purgeDeadLetters(store: Store): Promise<number> {
  const oldest = await store
    .selectFrom('dead_letter')
    .select('id')
    .orderBy('id', 'desc')
    .offset(MAX_LETTERS)
    .limit(1)
    .executeTakeFirst();
  if (oldest === undefined) return 0;
  const { numDeletedRows } = await store
    .deleteFrom('dead_letter')
    .where('id', '<=', oldest.id)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
