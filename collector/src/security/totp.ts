import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import { hashSecret } from './secrets.js';
import type { Vault } from './vault.js';

/** RFC 6238: 30 s steps of six digits, as every authenticator app has them. */
const PERIOD_S = 30;
/** Steps before and after that are taken, for clocks that differ. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

function totpOf(username: string, secret: Secret): TOTP {
  return new TOTP({ issuer: 'Headcount', label: username, secret, period: PERIOD_S, digits: 6 });
}

/** A new secret for a user, not in force before it is confirmed. */
export async function offerTotp(
  store: Store,
  vault: Vault,
  username: string,
): Promise<{ secret: string; uri: string; svg: string }> {
  const secret = new Secret({ size: 20 });
  await store
    .updateTable('user')
    .set({ totp_secret: vault.seal(secret.base32), totp_step: null })
    .where('username', '=', username)
    .where('totp_on', '=', 0)
    .execute();
  const uri = totpOf(username, secret).toString();
  return { secret: secret.base32, uri, svg: renderSVG(uri) };
}

/** Put the second factor in force with a code that proves the app has it. @returns recovery codes, or undefined for a wrong code */
export async function confirmTotp(
  db: Queryable,
  vault: Vault,
  { username, code, now }: { username: string; code: string; now: number },
): Promise<string[] | undefined> {
  return inTransaction(db, async (trx) => {
    if (!(await takeCode(trx, vault, { username, code, now }))) return undefined;
    await trx.updateTable('user').set({ totp_on: 1 }).where('username', '=', username).execute();
    await trx.deleteFrom('recovery_code').where('username', '=', username).execute();
    const codes = Array.from({ length: RECOVERY_CODES }, () => randomBytes(10).toString('hex'));
    const rows = codes.map((one) => ({ code_hash: hashSecret(one), username, used_at: null }));
    await trx.insertInto('recovery_code').values(rows).execute();
    return codes;
  });
}

/** Take the second factor away. */
export async function removeTotp(db: Queryable, username: string): Promise<void> {
  await db
    .updateTable('user')
    .set({ totp_on: 0, totp_secret: null, totp_step: null })
    .where('username', '=', username)
    .execute();
  await db.deleteFrom('recovery_code').where('username', '=', username).execute();
}

/** Whether a code of the app, or a recovery code, opens; each does so once. */
export async function takeSecondFactor(
  store: Store,
  vault: Vault,
  attempt: { username: string; code: string; now: number },
): Promise<boolean> {
  if (/^\d{6}$/.test(attempt.code)) return takeCode(store, vault, attempt);
  const { numUpdatedRows } = await store
    .updateTable('recovery_code')
    .set({ used_at: attempt.now })
    .where('code_hash', '=', hashSecret(attempt.code.replace(/[\s-]/g, '').toLowerCase()))
    .where('username', '=', attempt.username)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The code of a step that is newer than the last one taken; whoever looked over a shoulder cannot use it again. */
async function takeCode(
  db: Queryable,
  vault: Vault,
  { username, code, now }: { username: string; code: string; now: number },
): Promise<boolean> {
  const user = await db
    .selectFrom('user')
    .select('totp_secret')
    .where('username', '=', username)
    .executeTakeFirst();
  if (!user?.totp_secret) return false;
  const totp = totpOf(username, Secret.fromBase32(vault.open(user.totp_secret)));
  const delta = totp.validate({ token: code, timestamp: now, window: WINDOW });
  if (delta === null) return false;
  const step = Math.floor(now / 1000 / PERIOD_S) + delta;
  const { numUpdatedRows } = await db
    .updateTable('user')
    .set({ totp_step: step })
    .where('username', '=', username)
    .where((where) => where.or([where('totp_step', 'is', null), where('totp_step', '<', step)]))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
