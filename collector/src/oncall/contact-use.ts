import type { Queryable } from '../store/store.js';
import type { Contact } from './targets.js';

/** The person whose contact it is; undefined for one that was removed. */
export async function contactOwner(db: Queryable, contact: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('user_contact')
    .select('username')
    .where('id', '=', contact)
    .executeTakeFirst();
  return row?.username;
}

/** Contacts of a person that are verified and in use, the oldest first. */
export async function verifiedContacts(db: Queryable, username: string): Promise<Contact[]> {
  return db
    .selectFrom('user_contact')
    .select(['id', 'kind', 'address', 'language'])
    .where('username', '=', username)
    .where('verified', '=', 1)
    .where('disabled_reason', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** A message to a contact was taken, or its address does not work. @param now UTC ms */
export async function contactWorked(
  db: Queryable,
  contact: string,
  { worked, now }: { worked: boolean; now: number },
): Promise<void> {
  await db
    .updateTable('user_contact')
    .set(worked ? { last_ok_at: now } : { last_fail_at: now })
    .where('id', '=', contact)
    .execute();
}
