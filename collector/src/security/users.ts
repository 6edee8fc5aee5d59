import { hash, verify } from '@node-rs/argon2';
import type { Role } from '../schema/role.js';
import type { Person } from '../schema/security.js';
import type { Queryable, Store } from '../store/store.js';
import { newSecret } from './secrets.js';
import { removeTotp } from './totp.js';

/** Verified when the user does not exist, so that the answer takes as long as for one who does. */
const NOBODY = hash('nobody has this password');

/** What a change of people cannot do; the message says why. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code = 'USER_CONFLICT';
}

/** A user to add; `mustChange` for a password that the person did not choose. */
export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly role: Role;
  readonly mustChange: boolean;
}

/** Add a user; the library's default is Argon2id with 19 MiB, as OWASP recommends. False when the name is taken. */
export async function addUser(db: Queryable, user: NewUser, now: number): Promise<boolean> {
  const row = {
    username: user.username,
    password_hash: await hash(user.password),
    role: user.role,
    created_at: now,
    must_change: user.mustChange ? 1 : 0,
  } as const;
  const result = await db
    .insertInto('user')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Give a user another password and end the sessions that the old one opened. False when there is no such user. */
export async function replacePassword(
  db: Queryable,
  user: { username: string; password: string; mustChange: boolean },
): Promise<boolean> {
  const password_hash = await hash(user.password);
  const { username } = user;
  const updated = await db
    .updateTable('user')
    .set({ password_hash, must_change: user.mustChange ? 1 : 0 })
    .where('username', '=', username)
    .executeTakeFirst();
  await db.deleteFrom('session').where('username', '=', username).execute();
  return updated.numUpdatedRows > 0n;
}

/** On the very first start: makes the user "admin" and returns the password, which is stored nowhere. */
export async function ensureFirstUser(store: Store, now: number): Promise<string | undefined> {
  const some = await store.selectFrom('user').select('username').limit(1).executeTakeFirst();
  if (some !== undefined) return undefined;
  const password = newSecret();
  const made = await addUser(store, { username: 'admin', password, role: 'admin', mustChange: false }, now);
  // Another collector on the same database may have been faster.
  return made ? password : undefined;
}

/** A user whose password is right; undefined for a wrong user or password, after the same time. */
export async function userWithPassword(
  store: Store,
  { username, password }: { username: string; password: string },
): Promise<{ username: string; totp: boolean } | undefined> {
  const user = await store
    .selectFrom('user')
    .selectAll()
    .where('username', '=', username)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  const right = await verify(user?.password_hash ?? (await NOBODY), password);
  if (user === undefined || !right) return undefined;
  return { username: user.username, totp: user.totp_on === 1 };
}

/** Everybody who may log in, and those who may not any more. */
export async function listUsers(store: Store): Promise<Person[]> {
  const rows = await store
    .selectFrom('user')
    .leftJoin('session', 'session.username', 'user.username')
    .select(['user.username', 'user.role', 'user.created_at', 'user.disabled_at', 'user.totp_on'])
    .select(({ fn }) => fn.max('session.seen_at').as('seen_at'))
    .groupBy(['user.username', 'user.role', 'user.created_at', 'user.disabled_at', 'user.totp_on'])
    .orderBy('user.username')
    .execute();
  return rows.map(({ username, role, created_at, disabled_at, totp_on, seen_at }) => ({
    ...{ username, role, createdAt: created_at, disabledAt: disabled_at, totp: totp_on === 1 },
    seenAt: seen_at,
  }));
}

/** What of a user changes. */
export interface UserChange {
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
  readonly resetTotp?: true | undefined;
}

/**
 * Change a user, and end the sessions that were opened before.
 * @throws UserError when there is no such user, or when nobody would be left who may change people
 */
export async function changeUser(
  db: Queryable,
  username: string,
  change: UserChange,
  now: number,
): Promise<void> {
  const { role, disabled, resetTotp } = change;
  const { numUpdatedRows } = await db
    .updateTable('user')
    .set({
      ...(role !== undefined && { role }),
      ...(disabled !== undefined && { disabled_at: disabled ? now : null }),
      username,
    })
    .where('username', '=', username)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new UserError(`there is no user "${username}"`);
  if (resetTotp === true) await removeTotp(db, username);
  await db.deleteFrom('session').where('username', '=', username).execute();
  await holdAdmin(db);
}

/** @throws UserError when there is no such user, or when nobody would be left who may change people */
export async function deleteUser(db: Queryable, username: string): Promise<void> {
  const { numDeletedRows } = await db.deleteFrom('user').where('username', '=', username).executeTakeFirst();
  if (numDeletedRows === 0n) throw new UserError(`there is no user "${username}"`);
  await holdAdmin(db);
}

async function holdAdmin(db: Queryable): Promise<void> {
  const admin = await db
    .selectFrom('user')
    .select('username')
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (admin === undefined) throw new UserError('this is the last administrator; make another one first');
}
