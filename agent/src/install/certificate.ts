// @peculiar/x509 needs it before it is loaded itself.
import 'reflect-metadata';
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralName,
} from '@peculiar/x509';

/** Ten years: a gateway outlives every renewal that somebody would have to remember. */
const LIFETIME_YEARS = 10;
/** A gateway whose clock is behind on its first start must not refuse its own certificate (ms). */
const BACKDATED_MS = 24 * 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Under which names and addresses a gateway's page is opened. */
export interface GatewayNames {
  /** Host name without a domain, such as `gw-lobby`. */
  readonly hostname: string;
  /** IPv4 and IPv6 addresses without a zone. */
  readonly addresses: readonly string[];
}

/** A certificate with its private key, both PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Make a self-signed certificate for the status page (ECDSA P-256). Nobody vouches for it: the technician compares its
 * fingerprint with the one on the label.
 * @param now UTC ms
 */
export async function makeCertificate(names: GatewayNames, now: number): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + LIFETIME_YEARS);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [names.hostname] }, { O: ['Headcount gateway'] }],
    notBefore: new Date(now - BACKDATED_MS),
    notAfter,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(alternatives(names)),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: `${certificate.toString('pem')}\n`, key: pem('PRIVATE KEY', Buffer.from(key)) };
}

/** SHA-256 of the certificate as browsers show it, in upper-case hex with colons. */
export function fingerprintOf(certificate: string): string {
  return new X509Certificate(certificate).fingerprint256;
}

/** Both the bare name and the one that multicast DNS answers to; addresses for networks without names. */
function alternatives({ hostname, addresses }: GatewayNames): JsonGeneralName[] {
  return [
    { type: 'dns', value: hostname },
    { type: 'dns', value: `${hostname}.local` },
    ...addresses.map((value): JsonGeneralName => ({ type: 'ip', value })),
  ];
}

/** 127 random bits: positive and not zero, as RFC 5280 section 4.1.2.2 wants it. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
