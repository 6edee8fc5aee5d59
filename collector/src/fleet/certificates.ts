import type { IssuedCertificate } from '../pki/authority.js';
import type { Queryable, Store } from '../store/store.js';

/** How long an expired certificate and a used code are remembered, so that the log can say what they were (ms). */
const REMEMBERED_MS = 90 * 24 * 3_600_000;

/** A certificate that somebody shows, already checked against our authority. */
export interface ShownCertificate {
  readonly gateway: string;
  /** Lower-case hex. */
  readonly serial: string;
}

/** @returns why a certificate opens nothing; undefined when it does */
export async function certificateProblem(
  store: Store,
  { gateway, serial }: ShownCertificate,
  now: number,
): Promise<string | undefined> {
  const row = await store
    .selectFrom('gateway_certificate')
    .select(['gateway', 'expires_at', 'revoked_at'])
    .where('serial', '=', serial)
    .executeTakeFirst();
  if (row?.gateway !== gateway) return 'the certificate is unknown';
  if (row.revoked_at !== null) return 'the certificate was revoked';
  return row.expires_at <= now ? 'the certificate has expired' : undefined;
}

/**
 * A gateway has logged in with a certificate: those before it are not needed any more. Not earlier, because the answer
 * to a renewal can get lost, and then the gateway has the old one only.
 */
export async function retireOlder(store: Store, shown: ShownCertificate, now: number): Promise<void> {
  const { gateway, serial } = shown;
  await store
    .updateTable('gateway_certificate')
    .set({ revoked_at: now })
    .where('gateway', '=', gateway)
    .where('revoked_at', 'is', null)
    .where('issued_at', '<', (newer) =>
      newer.selectFrom('gateway_certificate').select('issued_at').where('serial', '=', serial),
    )
    .execute();
}

/** Keep a certificate that was signed for the request with this SHA-256. */
export async function keepCertificate(
  db: Queryable,
  gateway: string,
  certificate: IssuedCertificate,
  requestSha256: string,
): Promise<void> {
  const { pem, serial, issuedAt, expiresAt } = certificate;
  await db
    .insertInto('gateway_certificate')
    .values({
      ...{ serial, gateway, pem },
      request_sha256: requestSha256,
      issued_at: issuedAt,
      expires_at: expiresAt,
      revoked_at: null,
    })
    .execute();
}

/** Revoke every certificate of a gateway; returns how many opened something until now. */
export async function revokeCertificates(db: Queryable, gateway: string, now: number): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('gateway_certificate')
    .set({ revoked_at: now })
    .where('gateway', '=', gateway)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Forget certificates and codes that ended long ago; returns how many. */
export async function purgeEnrolments(store: Store, now: number): Promise<number> {
  const before = now - REMEMBERED_MS;
  const codes = await store.deleteFrom('enrolment_code').where('expires_at', '<', before).executeTakeFirst();
  const certificates = await store
    .deleteFrom('gateway_certificate')
    .where('expires_at', '<', before)
    .executeTakeFirst();
  return Number(codes.numDeletedRows + certificates.numDeletedRows);
}
