import { generateKeyPairSync, sign, webcrypto, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { enrolAnswerSchema, ENROL_PATH, parseEnrolmentCode, type EnrolAnswer } from '@headcount/shared';
import { makeEnrolmentCode } from '../../src/fleet/enrolment.js';
import { openPki, rootFingerprint } from '../../src/pki/open.js';
import * as x509 from '../../src/pki/x509.js';
import type { TestCollector } from './collector.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Keys of a gateway, by hand, and what it sends to enrol. */
export interface TestDevice {
  /** Private key of the certificate, PEM. */
  readonly key: string;
  readonly request: string;
  readonly device: KeyObject;
  readonly deviceKey: string;
  readonly deviceSignature: string;
}

export async function newDevice(algorithm: object = ALGORITHM): Promise<TestDevice> {
  const keys = await webcrypto.subtle.generateKey(algorithm as typeof ALGORITHM, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=whatever',
    keys,
    signingAlgorithm: algorithm as typeof ALGORITHM,
  });
  const { privateKey: device, publicKey } = generateKeyPairSync('ed25519');
  const request = csr.toString('pem');
  return {
    key: pem(Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))),
    request,
    device,
    deviceKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    deviceSignature: sign(null, Buffer.from(request), device).toString('base64'),
  };
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}

/** The root of a collector, as an administrator would copy it. */
export function rootOf(collector: TestCollector): string {
  const text = readFileSync(join(collector.config.dataDir, 'pki/authority.pem'), 'utf8');
  return new X509Certificate(text.slice(text.indexOf('-----BEGIN CERTIFICATE'))).toString();
}

/** A code as the command line makes it; its secret part is what is sent. */
export async function enrolmentCode(
  collector: TestCollector,
  name: string,
  { site, validMs = 60_000 }: { site?: string; validMs?: number } = {},
): Promise<{ code: string; secret: string }> {
  const now = Date.now();
  const fingerprint = rootFingerprint(await openPki(collector.config, now));
  const offer = { name, site, timeZone: undefined, validMs, fingerprint };
  const { code } = await collector.withStore((store) =>
    makeEnrolmentCode(store, offer, { defaultTimeZone: 'UTC', now }),
  );
  return { code, secret: parseEnrolmentCode(code).secret };
}

/** An answer over HTTPS. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** POST over TLS that is checked in full, with a client certificate where one is given. */
export function post(
  collector: TestCollector,
  path: string,
  { body, cert, key }: { body: unknown; cert?: string; key?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      collector.httpsUrl + path,
      {
        method: 'POST',
        ca: rootOf(collector),
        ...(cert !== undefined && { cert, key }),
        agent: false,
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as unknown });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}

/** What a device sends with a code. */
export function enrolBody(secret: string, { request: csr, deviceKey, deviceSignature }: TestDevice): object {
  return { v: 1, code: secret, request: csr, deviceKey, deviceSignature };
}

/** A gateway that has enrolled, with its credentials. */
export interface EnrolledDevice extends TestDevice {
  readonly answer: EnrolAnswer;
  readonly cert: string;
}

/** Make a code and enrol with it. */
export async function enrolGateway(
  collector: TestCollector,
  name: string,
  place: { site?: string } = {},
): Promise<EnrolledDevice> {
  const { secret } = await enrolmentCode(collector, name, place);
  const device = await newDevice();
  const { status, body } = await post(collector, ENROL_PATH, { body: enrolBody(secret, device) });
  if (status !== 200) throw new Error(`enrolment answered ${status}: ${JSON.stringify(body)}`);
  const answer = enrolAnswerSchema.parse(body);
  return { ...device, answer, cert: answer.certificate };
}
