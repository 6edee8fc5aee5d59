import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  CONTRACT_VERSION,
  ENROL_PATH,
  enrolAnswerSchema,
  makeFolder,
  parseEnrolmentCode,
  SECRET_MODE,
  writeFileAtomically,
  type EnrolAnswer,
  type EnrolRequest,
} from '@headcount/shared';
import { deviceKey } from '../commissioning/device-key.js';
import { explainNetwork } from '../uplink/connection.js';
import { HttpsError, httpsJson } from '../uplink/https.js';
import { EnrolmentError } from './errors.js';
import { fetchRoot } from './first-contact.js';
import { certificateRequest, newKey } from './request.js';

/** All of it may take so long (ms). */
const DEADLINE_MS = 60_000;

/** What enrolling needs. */
export interface EnrollOptions {
  /** https:// address of the collector, without a path. */
  readonly url: string;
  readonly code: string;
  /** Folder of the device key. */
  readonly dataDir: string;
  /** Folder for key and certificates; the service must be able to write there when it renews. */
  readonly folder: string;
}

/** Where the credentials of an enrolled gateway stand, and what the collector said of it. */
export interface Enrolled {
  readonly gateway: string;
  readonly site: EnrolAnswer['site'];
  readonly brokerUrl: string;
  readonly files: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

/** The files of a folder of credentials. */
export function credentialFiles(folder: string): Enrolled['files'] {
  return {
    caFile: join(folder, 'ca.crt'),
    certFile: join(folder, 'client.crt'),
    keyFile: join(folder, 'client.key'),
  };
}

/**
 * Make a key on this device, prove to the collector that it is here, and keep the certificate that comes back. Until
 * everything is there the old credentials stay.
 * @throws EnrolmentCodeError for a mistyped code; EnrolmentError that says what to do
 */
export async function enroll(options: EnrollOptions): Promise<Enrolled> {
  const { url, dataDir, folder } = options;
  const { secret, fingerprint } = parseEnrolmentCode(options.code);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  // The same key for another try with the same code: an answer that got lost is given again.
  const pending = join(folder, 'client.key.pending');
  makeFolder(dataDir);
  makeFolder(folder);
  if (!existsSync(pending)) writeFileAtomically(pending, newKey(), SECRET_MODE);
  const key = readFileSync(pending, 'utf8');
  const device = deviceKey(dataDir);
  const request = await pendingRequest(folder, key);
  const body: EnrolRequest = {
    v: CONTRACT_VERSION,
    code: secret,
    request,
    deviceKey: device.publicKey,
    deviceSignature: device.sign(request),
  };
  const answer = await ask(url, { fingerprint, body, signal });
  if (!new X509Certificate(answer.certificate).checkPrivateKey(createPrivateKey(key)))
    throw new EnrolmentError(
      `the certificate of ${url} is not for the key of this device; ask for a new code`,
    );
  const files = credentialFiles(folder);
  writeFileAtomically(files.keyFile, key, SECRET_MODE);
  writeFileAtomically(files.certFile, answer.certificate, SECRET_MODE);
  writeFileAtomically(files.caFile, answer.authority, SECRET_MODE);
  const { gateway, site, brokerUrl } = answer;
  return { gateway, site, brokerUrl, files };
}

/** Once the configuration names the credentials, nothing of the attempt is needed any more. */
export function forgetAttempt(folder: string): void {
  rmSync(join(folder, 'client.key.pending'), { force: true });
  rmSync(join(folder, 'client.csr.pending'), { force: true });
}

/** ECDSA signatures differ each time, and the collector knows a repeated request by its text. */
async function pendingRequest(folder: string, key: string): Promise<string> {
  const file = join(folder, 'client.csr.pending');
  if (!existsSync(file)) writeFileAtomically(file, await certificateRequest(key), SECRET_MODE);
  return readFileSync(file, 'utf8');
}

async function ask(
  url: string,
  { fingerprint, body, signal }: { fingerprint: string; body: EnrolRequest; signal: AbortSignal },
): Promise<EnrolAnswer> {
  try {
    const ca = await fetchRoot(url, fingerprint, signal);
    const parsed = enrolAnswerSchema.safeParse(await httpsJson(url + ENROL_PATH, { ca, body, signal }));
    if (parsed.success) return parsed.data;
    throw new EnrolmentError(
      `the answer of ${url} is not one that this version knows; update agent or collector`,
      { cause: parsed.error },
    );
  } catch (error) {
    if (error instanceof EnrolmentError) throw error;
    if (error instanceof HttpsError) throw new EnrolmentError(refusal(error, url), { cause: error });
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const words = error instanceof Error ? error.message : String(error);
    const late = signal.aborted ? `no answer from ${url} in time; check network and firewall` : undefined;
    throw new EnrolmentError(late ?? explainNetwork(code, url) ?? `cannot reach ${url}: ${words}`, {
      cause: error,
    });
  }
}

function refusal({ status, message }: HttpsError, url: string): string {
  return status === 404
    ? `${url} takes no enrolments; it needs the listeners "https" and "mqtts" in its configuration`
    : `the collector refused: ${message}`;
}
