import { ProblemError } from '../schema/problem.js';
import { hashSecret, newSecret } from '../security/secrets.js';
import type { Queryable } from '../store/store.js';
import { revokeCertificates } from './certificates.js';

/**
 * Give a gateway another password. A connection that was made with the one before ends when that does not count any more.
 * @param overlapMs how long the password before still counts, so that whoever changes it on the gateway is in no hurry; 0 for
 * one that was lost or stolen
 * @param now UTC ms
 * @returns the password, which is stored only as a hash
 * @throws ProblemError when there is no such gateway
 */
export async function renewGatewayPassword(
  db: Queryable,
  name: string,
  overlapMs: number,
  now: number,
): Promise<string> {
  const password = newSecret();
  const { numUpdatedRows } = await db
    .updateTable('gateway')
    .set((old) => ({
      secret_hash: hashSecret(password),
      old_secret_hash: overlapMs > 0 ? old.ref('secret_hash') : null,
      old_secret_until: overlapMs > 0 ? now + overlapMs : null,
    }))
    .where('name', '=', name)
    .executeTakeFirst();
  if (numUpdatedRows === 0n)
    throw new ProblemError(404, `there is no gateway "${name}"; "gateway add" makes one`);
  return password;
}

/**
 * Take everything from a gateway that it logs in with: certificates, passwords and codes that nobody has used.
 * @param now UTC ms
 * @returns how many certificates opened something until now
 * @throws ProblemError when there is no such gateway
 */
export async function revokeGateway(db: Queryable, name: string, now: number): Promise<number> {
  // Nobody is told the new password.
  await renewGatewayPassword(db, name, 0, now);
  await db.deleteFrom('enrolment_code').where('gateway', '=', name).where('used_at', 'is', null).execute();
  return revokeCertificates(db, name, now);
}

/**
 * The stored hashes of the passwords that gateways may log in with now, the newest first.
 * @param name of one gateway; all of them without it
 * @param now UTC ms
 */
export async function gatewaySecrets(
  db: Queryable,
  now: number,
  name?: string,
): Promise<Map<string, readonly string[]>> {
  let query = db
    .selectFrom('gateway')
    .select(['name', 'secret_hash', 'old_secret_hash as old', 'old_secret_until as until']);
  if (name !== undefined) query = query.where('name', '=', name);
  const rows = await query.execute();
  return new Map(
    rows.map(({ name: gateway, secret_hash, old, until }) => [
      gateway,
      [secret_hash, ...(old !== null && (until ?? 0) > now ? [old] : [])],
    ]),
  );
}
