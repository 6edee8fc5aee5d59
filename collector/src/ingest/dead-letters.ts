import { createHash } from 'node:crypto';
import type { Queryable, Store } from '../store/store.js';

/** Characters of a payload that are kept. */
const MAX_PAYLOAD = 65_536;
/** Dead letters that are kept; the oldest go first, so that a broken gateway cannot fill the disk. */
const MAX_LETTERS = 10_000;

/** A message or record that can never be stored. */
export interface DeadLetter {
  readonly gateway: string;
  readonly topic: string;
  /** Empty, and 0, where not even the envelope could be read. */
  readonly epoch: string;
  readonly seq: number;
  readonly reason: string;
  readonly payload: string;
}

/**
 * Keep a message that can never be stored; the same one again is kept once. Ids are counted up without holes, so the
 * newest id minus the rows kept is the number of letters that were dropped.
 */
export async function addDeadLetter(db: Queryable, letter: DeadLetter, now: number): Promise<void> {
  const added = await db
    .insertInto('dead_letter')
    .values({
      ...letter,
      payload: letter.payload.slice(0, MAX_PAYLOAD),
      payload_sha256: createHash('sha256').update(letter.payload).digest('hex'),
      at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (added === undefined) return;
  await db
    .deleteFrom('dead_letter')
    .where('id', '<=', added.id - MAX_LETTERS)
    .execute();
}

/** Forget letters from before this time (UTC ms); returns how many. */
export async function purgeDeadLetters(store: Store, before: number): Promise<number> {
  const { numDeletedRows } = await store
    .deleteFrom('dead_letter')
    .where('at', '<', before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
