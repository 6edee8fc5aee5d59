import { randomUUID } from 'node:crypto';
import type { Scope } from '../schema/role.js';
import type { ApiToken } from '../schema/security.js';
import type { Queryable, Store } from '../store/store.js';
import { hashSecret, newSecret } from './secrets.js';

const DAY_MS = 24 * 3_600_000;
/** The last use is written down at most so often (ms). */
const USED_EVERY_MS = 60_000;
/** Says to secret scanners what it is. */
const PREFIX = 'hct_';

/** Make a token; it is stored as a hash only. @param token.days how long it is good for */
export async function makeToken(
  db: Queryable,
  token: { name: string; scopes: readonly Scope[]; days: number; createdBy: string },
  now: number,
): Promise<{ id: string; token: string; expiresAt: number }> {
  const made = { id: randomUUID(), token: PREFIX + newSecret(), expiresAt: now + token.days * DAY_MS };
  await db
    .insertInto('api_token')
    .values({
      ...{ id: made.id, name: token.name, token_hash: hashSecret(made.token) },
      ...{ scopes: JSON.stringify(token.scopes), created_by: token.createdBy },
      ...{ created_at: now, expires_at: made.expiresAt, used_at: null, revoked_at: null },
    })
    .execute();
  return made;
}

/** Name and scopes of a token that is good; undefined for any other. */
export async function tokenOf(
  store: Store,
  token: string,
  now: number,
): Promise<{ name: string; scopes: readonly Scope[] } | undefined> {
  const row = await store
    .selectFrom('api_token')
    .select(['id', 'name', 'scopes', 'used_at'])
    .where('token_hash', '=', hashSecret(token))
    .where('expires_at', '>', now)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if ((row.used_at ?? 0) <= now - USED_EVERY_MS)
    await store.updateTable('api_token').set({ used_at: now }).where('id', '=', row.id).execute();
  return { name: row.name, scopes: JSON.parse(row.scopes) as Scope[] };
}

/** Every token, also those that open nothing any more. */
export async function listTokens(store: Store): Promise<ApiToken[]> {
  const rows = await store.selectFrom('api_token').selectAll().orderBy('created_at', 'desc').execute();
  return rows.map((row) => ({
    ...{ id: row.id, name: row.name, scopes: JSON.parse(row.scopes) as Scope[], createdBy: row.created_by },
    ...{
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      usedAt: row.used_at,
      revokedAt: row.revoked_at,
    },
  }));
}

/** End a token for good. @returns its name, or undefined when there is none that is in force */
export async function revokeToken(db: Queryable, id: string, now: number): Promise<string | undefined> {
  const row = await db
    .updateTable('api_token')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('name')
    .executeTakeFirst();
  return row?.name;
}
