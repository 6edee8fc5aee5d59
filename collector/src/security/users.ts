import { hash, verify } from '@node-rs/argon2';
import type { Store } from '../store/store.js';
import { hashSecret, newSecret } from './secrets.js';

/** A login lasts for so long (ms). */
export const SESSION_MS = 12 * 3_600_000;
/** Verified when the user does not exist, so that the answer takes as long as for one who does. */
const NOBODY = hash('nobody has this password');

/** Add a user; the library's default is Argon2id with 19 MiB, as OWASP recommends. False when the name is taken. */
export async function addUser(
  store: Store,
  user: { username: string; password: string },
  now: number,
): Promise<boolean> {
  const row = {
    username: user.username,
    password_hash: await hash(user.password),
    role: 'admin',
    created_at: now,
  } as const;
  const result = await store
    .insertInto('user')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Give a user another password and end the sessions that the old one opened. False when there is no such user. */
export async function replacePassword(
  store: Store,
  user: { username: string; password: string },
): Promise<boolean> {
  const password_hash = await hash(user.password);
  return store.transaction().execute(async (trx) => {
    const { username } = user;
    const updated = await trx
      .updateTable('user')
      .set({ password_hash })
      .where('username', '=', username)
      .executeTakeFirst();
    await trx.deleteFrom('session').where('username', '=', username).execute();
    return updated.numUpdatedRows > 0n;
  });
}

/** On the very first start: makes the user "admin" and returns the password, which is stored nowhere. */
export async function ensureFirstUser(store: Store, now: number): Promise<string | undefined> {
  const some = await store.selectFrom('user').select('username').limit(1).executeTakeFirst();
  if (some !== undefined) return undefined;
  const password = newSecret();
  await addUser(store, { username: 'admin', password }, now);
  return password;
}

/** A session token for the right password; undefined for a wrong user or password, after the same time. */
export async function logIn(
  store: Store,
  login: { username: string; password: string },
  now: number,
): Promise<{ token: string; expiresAt: number } | undefined> {
  const user = await store
    .selectFrom('user')
    .selectAll()
    .where('username', '=', login.username)
    .executeTakeFirst();
  const right = await verify(user?.password_hash ?? (await NOBODY), login.password);
  if (user === undefined || !right) return undefined;
  const token = newSecret();
  const expiresAt = now + SESSION_MS;
  await store
    .insertInto('session')
    .values({ token_hash: hashSecret(token), username: user.username, expires_at: expiresAt })
    .execute();
  return { token, expiresAt };
}

/** The user of a session token, or undefined when it is unknown or has expired. */
export async function sessionOf(
  store: Store,
  token: string,
  now: number,
): Promise<{ username: string; role: 'admin'; expiresAt: number } | undefined> {
  const row = await store
    .selectFrom('session')
    .innerJoin('user', 'user.username', 'session.username')
    .select(['user.username', 'user.role', 'session.expires_at as expiresAt'])
    .where('session.token_hash', '=', hashSecret(token))
    .where('session.expires_at', '>', now)
    .executeTakeFirst();
  return row;
}

export async function logOut(store: Store, token: string): Promise<void> {
  await store.deleteFrom('session').where('token_hash', '=', hashSecret(token)).execute();
}

/** Forget sessions that have expired; returns how many. */
export async function purgeSessions(store: Store, now: number): Promise<number> {
  const { numDeletedRows } = await store
    .deleteFrom('session')
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
