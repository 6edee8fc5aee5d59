import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { formatEnrolmentCode, parseEnrolmentCode, type EnrolRequest } from '@headcount/shared';
import type { Authority } from '../pki/authority.js';
import { PkiError } from '../pki/errors.js';
import { ProblemError } from '../schema/problem.js';
import { hashSecret, newSecret } from '../security/secrets.js';
import { inTransaction, type Queryable, type Store } from '../store/store.js';
import { keepCertificate, revokeCertificates } from './certificates.js';
import { addGateway } from './fleet.js';

const CODE_BYTES = 10;

/** A gateway that may enrol; it is added where it is new. */
export interface EnrolmentOffer {
  readonly name: string;
  /** Site of a new gateway; must be the gateway's own where it is given for one that exists. */
  readonly site: string | undefined;
  readonly timeZone: string | undefined;
  /** How long the code works (ms). */
  readonly validMs: number;
  /** Part of the root's fingerprint that the code carries, hex. */
  readonly fingerprint: string;
}

/**
 * Make a one-time code for a gateway; a code that was not used is replaced.
 * @returns the code, which is stored only as a hash
 * @throws ProblemError when the gateway belongs to another site
 */
export async function makeEnrolmentCode(
  db: Queryable,
  offer: EnrolmentOffer,
  context: { defaultTimeZone: string; now: number },
): Promise<{ code: string; expiresAt: number }> {
  const { name, validMs, fingerprint } = offer;
  const code = formatEnrolmentCode(randomBytes(CODE_BYTES), fingerprint);
  const expiresAt = context.now + validMs;
  await inTransaction(db, async (trx) => {
    await ensureGateway(trx, offer, context);
    await trx.deleteFrom('enrolment_code').where('gateway', '=', name).where('used_at', 'is', null).execute();
    await trx
      .insertInto('enrolment_code')
      .values({
        code_hash: hashSecret(parseEnrolmentCode(code).secret),
        gateway: name,
        made_at: context.now,
        expires_at: expiresAt,
        used_at: null,
        serial: null,
      })
      .execute();
  });
  return { code, expiresAt };
}

async function ensureGateway(
  db: Queryable,
  { name, site, timeZone }: EnrolmentOffer,
  context: { defaultTimeZone: string; now: number },
): Promise<void> {
  const known = await db.selectFrom('gateway').select('site').where('name', '=', name).executeTakeFirst();
  if (known === undefined) {
    // Its password is told to nobody: an enrolled gateway logs in with its certificate.
    await addGateway(db, { name, site: site ?? 'main', timeZone }, context);
  } else if (site !== undefined && site !== known.site) {
    throw new ProblemError(
      400,
      `gateway "${name}" is of site "${known.site}"; leave --site out or name that one`,
    );
  }
}

/** A gateway that has enrolled. */
export interface EnrolledGateway {
  readonly gateway: string;
  readonly site: { readonly name: string; readonly timeZone: string };
  /** PEM. */
  readonly certificate: string;
}

/**
 * Turn a code into a certificate. Certificates of earlier enrolments and the password end with it: they may be in a box
 * that was stolen or replaced. The same request again gets the same answer, because an answer can get lost.
 * @throws ProblemError saying whether the code is wrong, used or expired, or what is wrong with the request
 */
export async function enrol(
  store: Store,
  authority: Authority,
  asked: EnrolRequest,
  now: number,
): Promise<EnrolledGateway> {
  const { code, request, deviceKey } = asked;
  checkDeviceKey(asked);
  const row = await store
    .selectFrom('enrolment_code')
    .select('gateway')
    .where('code_hash', '=', hashSecret(code))
    .executeTakeFirst();
  if (row === undefined) throw new ProblemError(403, 'the enrolment code is wrong; ask for a new one');
  const { gateway } = row;
  // Signed before the transaction: it holds the only writer's place, and a request that is no good stops here.
  const certificate = await sign(authority, gateway, request, now);
  const requestSha256 = sha256(request);
  const pem = await store.transaction().execute(async (trx) => {
    const used = await trx
      .updateTable('enrolment_code')
      .set({ used_at: now, serial: certificate.serial })
      .where('code_hash', '=', hashSecret(code))
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    if (used.numUpdatedRows !== 1n) return answeredBefore(trx, hashSecret(code), { requestSha256, now });
    await revokeCertificates(trx, gateway, now);
    await keepCertificate(trx, gateway, certificate, requestSha256);
    await trx
      .updateTable('gateway')
      .set({ device_key: deviceKey, enrolled_at: now, secret_hash: hashSecret(newSecret()) })
      .where('name', '=', gateway)
      .execute();
    return certificate.pem;
  });
  return { gateway, site: await siteOf(store, gateway), certificate: pem };
}

/**
 * A new certificate for a gateway that has logged in with its old one.
 * @returns the certificate, PEM
 * @throws ProblemError when the request cannot be signed
 */
export async function renewCertificate(
  store: Store,
  authority: Authority,
  asked: { gateway: string; request: string },
  now: number,
): Promise<string> {
  const { gateway, request } = asked;
  const certificate = await sign(authority, gateway, request, now);
  await keepCertificate(store, gateway, certificate, sha256(request));
  return certificate.pem;
}

async function sign(authority: Authority, gateway: string, request: string, now: number) {
  try {
    return await authority.issueClient(gateway, request, now);
  } catch (error) {
    if (error instanceof PkiError) throw new ProblemError(400, `request: ${error.message}`);
    throw error;
  }
}

/** A code that is not fresh: the certificate that this very request got, or why there is none. */
async function answeredBefore(
  db: Queryable,
  codeHash: string,
  { requestSha256, now }: { requestSha256: string; now: number },
): Promise<string> {
  const row = await db
    .selectFrom('enrolment_code')
    .leftJoin('gateway_certificate', 'gateway_certificate.serial', 'enrolment_code.serial')
    .select(['enrolment_code.expires_at', 'used_at', 'pem', 'request_sha256', 'revoked_at'])
    .where('code_hash', '=', codeHash)
    .executeTakeFirst();
  if (row === undefined || row.expires_at <= now)
    throw new ProblemError(403, 'the enrolment code has expired; ask for a new one');
  const same = row.request_sha256 === requestSha256 && row.revoked_at === null;
  if (same && row.pem !== null) return row.pem;
  throw new ProblemError(403, 'the enrolment code was used already; ask for a new one');
}

function checkDeviceKey({ request, deviceKey, deviceSignature }: EnrolRequest): void {
  if (isSignedBy(deviceKey, request, deviceSignature)) return;
  throw new ProblemError(400, 'deviceSignature: must be the Ed25519 signature of the request by deviceKey');
}

/** Whether an Ed25519 key signed a text. @param key SubjectPublicKeyInfo, base64 DER @param signature base64 */
export function isSignedBy(key: string, text: string, signature: string): boolean {
  try {
    const spki = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    if (spki.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, Buffer.from(text, 'utf8'), spki, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

async function siteOf(store: Store, gateway: string): Promise<EnrolledGateway['site']> {
  return store
    .selectFrom('gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select(['site.name', 'site.time_zone as timeZone'])
    .where('gateway.name', '=', gateway)
    .executeTakeFirstOrThrow();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
