import { z } from 'zod';
import { versionSchema } from './envelope.js';
import { slugSchema } from './topics.js';

/** Paths on the collector's HTTPS listener. */
export const ENROL_PATH = '/api/v1/enrol';
export const RENEW_PATH = '/api/v1/gateway/certificate';

const pemSchema = z.string().max(16_384);

/** A PKCS #10 request in PEM for an ECDSA P-256 key; its signature proves that the gateway has the private key. */
const requestSchema = pemSchema.startsWith('-----BEGIN CERTIFICATE REQUEST-----');

/** What a gateway sends to become known; nothing of it is secret but the code, which works once. */
export const enrolRequestSchema = z.strictObject({
  v: versionSchema,
  code: z.string().min(1).max(64).describe('the secret part of the enrolment code'),
  request: requestSchema,
  deviceKey: z
    .string()
    .max(200)
    .describe('Ed25519 SubjectPublicKeyInfo, base64 DER; verifies signed walk tests'),
  deviceSignature: z.string().max(200).describe('Ed25519 signature of `request` by the device key, base64'),
});

/** What an enrolled gateway gets. */
export const enrolAnswerSchema = z.object({
  v: versionSchema,
  gateway: slugSchema,
  site: z.object({ name: slugSchema, timeZone: z.string() }),
  certificate: pemSchema.describe("the gateway's certificate, CN is its name"),
  authority: pemSchema.describe("root certificate of the collector's listeners"),
  brokerUrl: z.string().startsWith('mqtts://'),
});

/** Ask for a new certificate for the same key, logged in with the one that runs out. */
export const renewRequestSchema = z.strictObject({ v: versionSchema, request: requestSchema });

/** The certificate that replaces the old one; the old one holds until this one has been used. */
export const renewAnswerSchema = z.object({ v: versionSchema, certificate: pemSchema, authority: pemSchema });

export type EnrolRequest = z.infer<typeof enrolRequestSchema>;
export type EnrolAnswer = z.infer<typeof enrolAnswerSchema>;
export type RenewAnswer = z.infer<typeof renewAnswerSchema>;

/** A certificate is renewed when less than this share of its lifetime is left. */
const RENEW_SHARE = 1 / 3;

/**
 * Whether it is time to replace a certificate.
 * @param validity UTC ms @param now UTC ms
 */
export function needsRenewal(validity: { from: number; to: number }, now: number): boolean {
  return validity.to - now < (validity.to - validity.from) * RENEW_SHARE;
}
