import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { readIfThere, SECRET_MODE, writeFileOnce } from '@headcount/shared';
import { PkiError } from './errors.js';
import * as x509 from './x509.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 3_600_000;
/** Gateways stand for years and pin this certificate, and nobody but this program uses its key. */
const AUTHORITY_MS = 20 * 365 * DAY_MS;
/** As public authorities do today; it renews itself, so that short costs nothing. */
const SERVER_MS = 90 * DAY_MS;
/** Renewal begins when a third is left, so a gateway may be switched off for four months and still renew. */
const CLIENT_MS = 365 * DAY_MS;
/** Valid from an hour ago: the clocks of collector and gateways differ. */
const BACKDATE_MS = 3_600_000;

/** A certificate with what the database keeps of it. */
export interface IssuedCertificate {
  readonly pem: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** UTC ms. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A key with its certificate, both PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

/** The collector's own certificate authority: signs what its listeners and its gateways show to one another. */
export class Authority {
  /** Root certificate, PEM. */
  readonly pem: string;
  private readonly certificate: x509.X509Certificate;
  private readonly key: webcrypto.CryptoKey;

  private constructor(pem: string, key: webcrypto.CryptoKey) {
    this.pem = pem;
    this.certificate = new x509.X509Certificate(pem);
    this.key = key;
  }

  /**
   * Read the authority, or make it on the first call; two processes that do so at once get the same one.
   * @param folder of its file, which holds key and certificate together so that they always belong to each other
   * @throws PkiError for a damaged file, which nobody but a person may replace: every gateway trusts it
   */
  static async open(folder: string, now: number): Promise<Authority> {
    const file = join(folder, 'authority.pem');
    const text = readIfThere(file) ?? (await make(file, now));
    try {
      const { key, certificate } = splitPem(text);
      return new Authority(certificate, await importKey(key));
    } catch (cause) {
      throw new PkiError(`${file} holds no key with its certificate; restore it from a backup`, { cause });
    }
  }

  /** A new key and certificate for a listener. @param names DNS names and IP addresses by which it is reached */
  async issueServer(names: readonly string[], now: number): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const { pem } = await this.sign({
      subject: 'CN=Headcount collector',
      publicKey: new x509.PublicKey(await webcrypto.subtle.exportKey('spki', keys.publicKey)),
      usage: x509.ExtendedKeyUsage.serverAuth,
      lifetimeMs: SERVER_MS,
      now,
      more: [
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
        ),
      ],
    });
    return { key: await exportKey(keys.privateKey), certificate: pem };
  }

  /**
   * A certificate for a gateway. Only the key is taken from the request; the name is what the collector knows.
   * @param request PKCS #10, PEM
   * @throws PkiError when the request is not signed by the key that it names, or the key is no ECDSA P-256 key
   */
  async issueClient(gateway: string, request: string, now: number): Promise<IssuedCertificate> {
    return this.sign({
      subject: `CN=${gateway}`,
      publicKey: await provenKey(request),
      usage: x509.ExtendedKeyUsage.clientAuth,
      lifetimeMs: CLIENT_MS,
      now,
      more: [],
    });
  }

  private async sign(wanted: {
    subject: string;
    publicKey: x509.PublicKey;
    usage: x509.ExtendedKeyUsageType;
    lifetimeMs: number;
    now: number;
    more: readonly x509.Extension[];
  }): Promise<IssuedCertificate> {
    const { subject, publicKey, usage, lifetimeMs, now, more } = wanted;
    const serial = newSerial();
    const expiresAt = now + lifetimeMs;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject,
      issuer: this.certificate.subject,
      notBefore: new Date(now - BACKDATE_MS),
      notAfter: new Date(expiresAt),
      publicKey,
      signingKey: this.key,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
        ...more,
      ],
    });
    return { pem: `${certificate.toString('pem')}\n`, serial, issuedAt: now, expiresAt };
  }
}

/** Key and first certificate of a PEM text. */
export function splitPem(text: string): KeyPair {
  const [key = ''] = /-----BEGIN PRIVATE KEY-----[^]+?-----END PRIVATE KEY-----\n/.exec(text) ?? [];
  return { key, certificate: text.replace(key, '') };
}

async function make(file: string, now: number): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    // Two collectors of one customer must not look alike in a trust store.
    name: `CN=Headcount collector ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + AUTHORITY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const content = `${await exportKey(keys.privateKey)}${certificate.toString('pem')}\n`;
  return writeFileOnce(file, content, SECRET_MODE);
}

async function provenKey(pem: string): Promise<x509.PublicKey> {
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
    const fits = name === ALGORITHM.name && namedCurve === ALGORITHM.namedCurve;
    if (fits && (await request.verify())) return request.publicKey;
  } catch (cause) {
    throw new PkiError('the certificate request cannot be read', { cause });
  }
  throw new PkiError('the certificate request must be for an ECDSA P-256 key and be signed by it');
}

/** 15 random bytes behind a first byte that every notation writes with two digits and without a sign. */
function newSerial(): string {
  return `5a${randomBytes(15).toString('hex')}`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}

/** When a certificate is valid, UTC ms. @param pem the first certificate of the text counts */
export function validityOf(pem: string): { from: number; to: number } {
  const { validFrom, validTo } = new X509Certificate(pem);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}
