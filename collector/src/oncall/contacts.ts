import { randomInt, randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Selectable } from 'kysely';
import type { ContactChange, NewContact, OwnContact } from '../schema/contacts.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { OncallTables } from '../store/tables-oncall.js';
import type { Contact } from './targets.js';

/** How long a code is good (ms): a call and an e-mail take their time. */
const CODE_MS = 15 * 60_000;
/** Wrong tries of a code: five of a million are no guess. */
const MOST_TRIES = 5;
/** Between two codes (ms), so that nobody is flooded who did not ask for it. */
const NEXT_CODE_MS = 60_000;
const MOST_CONTACTS = 20;

type Row = Selectable<OncallTables['user_contact']>;

/** Of one person, named by the person, too: nobody reaches the contacts of others. */
export interface ContactKey {
  readonly username: string;
  readonly id: string;
}

/** Sends a code to a contact. @returns why it was not sent; undefined when it is on its way */
export type SendCode = (contact: Contact, code: string) => Promise<string | undefined>;

/** Where a person can be reached, the oldest first. */
export async function listContacts(db: Queryable, username: string): Promise<OwnContact[]> {
  const rows = await db
    .selectFrom('user_contact')
    .selectAll()
    .where('username', '=', username)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(answerOf);
}

function answerOf(row: Row): OwnContact {
  const { id, kind, address, language, verified_at, disabled_reason, last_ok_at, last_fail_at } = row;
  return {
    ...{ id, kind, address, language, verifiedAt: verified_at, disabledReason: disabled_reason },
    ...{ lastOkAt: last_ok_at, lastFailAt: last_fail_at },
  };
}

/** Add a contact, unverified. @throws ProblemError when the person has it already, or has too many */
export async function addContact(
  trx: Queryable,
  username: string,
  contact: NewContact,
  now: number,
): Promise<OwnContact> {
  const row = {
    ...{ id: randomUUID(), username, ...contact, verified_at: null, code_hash: null, code_sent_at: null },
    ...{ disabled_reason: null, last_ok_at: null, last_fail_at: null, created_at: now },
  };
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('user_contact')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n)
    throw new ProblemError(409, 'address: is one of your contacts already');
  const own = await listContacts(trx, username);
  if (own.length > MOST_CONTACTS)
    throw new ProblemError(409, `you have ${MOST_CONTACTS} contacts; take away one that you do not need`);
  return answerOf({ ...row, verified: 0, code_tries: 0 });
}

/** Change the language of a contact, or whether it is used. @throws ProblemError when there is none */
export async function changeContact(
  trx: Queryable,
  key: ContactKey,
  { language, enabled }: ContactChange,
): Promise<OwnContact> {
  const row = await trx
    .updateTable('user_contact')
    .set({
      ...(language !== undefined && { language }),
      ...(enabled !== undefined && { disabled_reason: enabled ? null : 'turned off by its owner' }),
      id: key.id,
    })
    .where('id', '=', key.id)
    .where('username', '=', key.username)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw noContact();
  return answerOf(row);
}

/** @throws ProblemError when there is none */
export async function removeContact(trx: Queryable, { id, username }: ContactKey): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('user_contact')
    .where('id', '=', id)
    .where('username', '=', username)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw noContact();
}

/**
 * A new code for a contact; the one before opens nothing any more.
 * @throws ProblemError when there is no such contact, it is verified, or a code went out less than a minute ago
 */
export async function newCode(
  trx: Queryable,
  key: ContactKey,
  now: number,
): Promise<{ contact: Contact; code: string }> {
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const code_hash = await hash(code);
  const row = await trx
    .updateTable('user_contact')
    .set({ code_hash, code_sent_at: now, code_tries: 0 })
    .where('id', '=', key.id)
    .where('username', '=', key.username)
    .where('verified', '=', 0)
    .where((eb) => eb.or([eb('code_sent_at', 'is', null), eb('code_sent_at', '<=', now - NEXT_CODE_MS)]))
    .returning(['id', 'kind', 'address', 'language'])
    .executeTakeFirst();
  if (row !== undefined) return { contact: row, code };
  const { verified } = await rowOf(trx, key);
  if (verified === 1) throw new ProblemError(409, 'the contact is verified already');
  throw new ProblemError(429, 'a code went out less than a minute ago; wait for it', { 'retry-after': '60' });
}

/** A code that could not be sent does not make its owner wait for the next one. */
export async function dropCode(db: Queryable, { id, username }: ContactKey): Promise<void> {
  await db
    .updateTable('user_contact')
    .set({ code_hash: null, code_sent_at: null })
    .where('id', '=', id)
    .where('username', '=', username)
    .execute();
}

/**
 * Count a try of the code, before it is compared: tries that run side by side count as many.
 * @returns the hash of the code that is out
 * @throws ProblemError when there is no such contact, or no code that is good
 */
export async function tryCode(db: Queryable, key: ContactKey, now: number): Promise<string> {
  const row = await db
    .updateTable('user_contact')
    .set(({ eb }) => ({ code_tries: eb('code_tries', '+', 1) }))
    .where('id', '=', key.id)
    .where('username', '=', key.username)
    .where('code_hash', 'is not', null)
    .where('code_sent_at', '>', now - CODE_MS)
    .where('code_tries', '<', MOST_TRIES)
    .returning('code_hash')
    .executeTakeFirst();
  if (row?.code_hash != null) return row.code_hash;
  const { verified, code_tries } = await rowOf(db, key);
  if (verified === 1) throw new ProblemError(409, 'the contact is verified already');
  throw new ProblemError(
    403,
    code_tries >= MOST_TRIES
      ? 'code: was wrong five times and is good no more; ask for another one'
      : 'code: none is out, or it is older than 15 minutes; ask for another one',
  );
}

/** Take the code as proof. @param codeHash of {@link tryCode} @throws ProblemError when it is wrong */
export async function confirmCode(
  trx: Queryable,
  key: ContactKey,
  { code, codeHash, now }: { code: string; codeHash: string; now: number },
): Promise<OwnContact> {
  if (!(await verify(codeHash, code))) throw new ProblemError(403, 'code: is wrong');
  const row = await trx
    .updateTable('user_contact')
    .set({ verified: 1, verified_at: now, code_hash: null, code_sent_at: null })
    .where('id', '=', key.id)
    .where('username', '=', key.username)
    .where('code_hash', '=', codeHash)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw new ProblemError(409, 'another code was sent meanwhile; use that one');
  return answerOf(row);
}

async function rowOf(db: Queryable, { id, username }: ContactKey): Promise<Row> {
  const row = await db
    .selectFrom('user_contact')
    .selectAll()
    .where('id', '=', id)
    .where('username', '=', username)
    .executeTakeFirst();
  if (row === undefined) throw noContact();
  return row;
}

function noContact(): ProblemError {
  return new ProblemError(404, 'you have no such contact');
}
