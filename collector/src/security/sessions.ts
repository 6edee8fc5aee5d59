import type { OwnSession, Session } from '../schema/security.js';
import type { Queryable, Store } from '../store/store.js';
import { hashSecret, newSecret } from './secrets.js';

/** A login lasts for so long, and for so long without being used (ms). */
export const SESSION_MS = 12 * 3_600_000;
const IDLE_MS = 2 * 3_600_000;
/** The last use is written down at most so often (ms). */
const SEEN_EVERY_MS = 60_000;
/** Of the token's hash: names a session without opening it. */
const ID_LENGTH = 16;

/** Open a session; the token is shown to the browser alone. */
export async function openSession(
  db: Queryable,
  from: { username: string; address: string; browser: string },
  now: number,
): Promise<{ token: string; expiresAt: number }> {
  const token = newSecret();
  const expiresAt = now + SESSION_MS;
  const { username, address, browser } = from;
  await db
    .insertInto('session')
    .values({
      ...{ token_hash: hashSecret(token), username, address, browser: browser.slice(0, 200) },
      ...{ expires_at: expiresAt, created_at: now, seen_at: now },
    })
    .execute();
  return { token, expiresAt };
}

/** The user of a session token, or undefined when it is unknown, has expired or was not used for too long. */
export async function sessionOf(store: Store, token: string, now: number): Promise<Session | undefined> {
  const token_hash = hashSecret(token);
  const row = await store
    .selectFrom('session')
    .innerJoin('user', 'user.username', 'session.username')
    .select(['user.username', 'user.role', 'user.must_change', 'user.totp_on'])
    .select(['session.expires_at', 'session.seen_at'])
    .where('session.token_hash', '=', token_hash)
    .where('session.expires_at', '>', now)
    .where('session.seen_at', '>', now - IDLE_MS)
    .where('user.disabled_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.seen_at <= now - SEEN_EVERY_MS)
    await store.updateTable('session').set({ seen_at: now }).where('token_hash', '=', token_hash).execute();
  return {
    ...{ username: row.username, role: row.role, expiresAt: row.expires_at },
    ...{ mustChangePassword: row.must_change === 1, totp: row.totp_on === 1 },
  };
}

/** End the session of a token. */
export async function logOut(db: Queryable, token: string): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', hashSecret(token)).execute();
}

/** The open sessions of a user, the last used first. */
export async function sessionsOf(store: Store, username: string, token: string): Promise<OwnSession[]> {
  const rows = await store
    .selectFrom('session')
    .selectAll()
    .where('username', '=', username)
    .orderBy('seen_at', 'desc')
    .execute();
  const own = hashSecret(token);
  return rows.map(({ token_hash, created_at, seen_at, address, browser }) => ({
    ...{ id: token_hash.slice(0, ID_LENGTH), current: token_hash === own },
    ...{ createdAt: created_at, seenAt: seen_at, address, browser },
  }));
}

/** End a session of a user by its id. False when there is none. */
export async function endSession(db: Queryable, username: string, id: string): Promise<boolean> {
  const rows = await db.selectFrom('session').select('token_hash').where('username', '=', username).execute();
  const found = rows.find(({ token_hash }) => token_hash.slice(0, ID_LENGTH) === id);
  if (found === undefined) return false;
  await db.deleteFrom('session').where('token_hash', '=', found.token_hash).execute();
  return true;
}

/** Forget sessions that have ended; returns how many. */
export async function purgeSessions(store: Store, now: number): Promise<number> {
  const { numDeletedRows } = await store
    .deleteFrom('session')
    .where((where) => where.or([where('expires_at', '<=', now), where('seen_at', '<=', now - IDLE_MS)]))
    .executeTakeFirst();
  return Number(numDeletedRows);
}
