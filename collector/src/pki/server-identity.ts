import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { needsRenewal, readIfThere, SECRET_MODE, writeFileAtomically } from '@headcount/shared';
import { splitPem, validityOf, type Authority, type KeyPair } from './authority.js';
import { PkiError } from './errors.js';

/** Names of this machine for itself. */
const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1'];

/** Where the listeners' certificate comes from. */
export interface ServerIdentityOptions {
  /** Folder of the collector's own keys. */
  readonly folder: string;
  /** DNS names and IP addresses by which gateways and people reach the collector. */
  readonly names: readonly string[];
  /** A certificate that somebody else renews; the collector's own authority signs one where there is none. */
  readonly given: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly authority: Authority;
}

/** Key and certificate that the TLS listeners show, and the authority that signs gateways' certificates. */
export interface ServerContext {
  readonly key: string;
  /** The certificate and those above it, the root last. */
  readonly cert: string;
  readonly ca: string;
}

/** What the listeners show: kept up to date without a restart. */
export class ServerIdentity {
  private readonly options: ServerIdentityOptions;
  private shown: ServerContext | undefined;

  constructor(options: ServerIdentityOptions) {
    this.options = options;
  }

  /**
   * Read, make or renew the certificate. @param now UTC ms
   * @returns what to show, and whether it is another one than last time
   * @throws PkiError for given files that cannot be used
   */
  async refresh(now: number): Promise<{ context: ServerContext; changed: boolean }> {
    const { given, authority } = this.options;
    const { key, certificate } = given === undefined ? await this.own(now) : readGiven(given);
    const cert = given === undefined ? certificate + authority.pem : certificate;
    const changed = this.shown?.cert !== cert || this.shown.key !== key;
    const context = { key, cert, ca: authority.pem };
    this.shown = context;
    return { context, changed };
  }

  /** What the listeners show, for a person who compares; like `root` known after the first `refresh`. */
  get description(): { names: string; expiresAt: string; sha256: string } {
    const { subject, subjectAltName, fingerprint256 } = new X509Certificate(this.cert);
    const expiresAt = new Date(validityOf(this.cert).to).toISOString();
    return { names: subjectAltName ?? subject, expiresAt, sha256: fingerprint256 };
  }

  /** The root that a gateway must trust, PEM. */
  get root(): string {
    return lastCertificate(this.cert);
  }

  private get cert(): string {
    if (this.shown === undefined) throw new Error('refresh() has not been called');
    return this.shown.cert;
  }

  private async own(now: number): Promise<KeyPair> {
    const { folder, authority } = this.options;
    const file = join(folder, 'server.pem');
    const names = [...new Set([...this.options.names, ...LOCAL_NAMES])];
    const text = readIfThere(file);
    const kept = text === undefined ? undefined : splitPem(text);
    if (kept !== undefined && isUsable(kept.certificate, { names, authority, now })) return kept;
    const made = await authority.issueServer(names, now);
    writeFileAtomically(file, made.key + made.certificate, SECRET_MODE);
    return made;
  }
}

function isUsable(
  pem: string,
  wanted: { names: readonly string[]; authority: Authority; now: number },
): boolean {
  if (needsRenewal(validityOf(pem), wanted.now)) return false;
  const certificate = new X509Certificate(pem);
  const root = new X509Certificate(wanted.authority.pem);
  const shown = certificate.subjectAltName?.split(', ').length;
  const named = wanted.names.every((name) => {
    const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
    return found !== undefined;
  });
  return named && shown === wanted.names.length && certificate.verify(root.publicKey);
}

function readGiven({ certFile, keyFile }: { certFile: string; keyFile: string }): KeyPair {
  const certificate = readNamed(certFile);
  const key = readNamed(keyFile);
  const problem = givenProblem(certificate, key);
  if (problem !== undefined) throw new PkiError(`tls.certFile ${certFile}: ${problem}`);
  return { key, certificate };
}

function readNamed(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PkiError(`${file} cannot be read`, { cause });
  }
}

/** @returns what is wrong with a given certificate and key */
function givenProblem(certificate: string, key: string): string | undefined {
  try {
    if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
      return 'tls.keyFile is another key';
    const root = new X509Certificate(lastCertificate(certificate));
    // Gateways trust the root, so that any certificate below it may follow; a server alone does not tell it.
    if (!root.verify(root.publicKey))
      return 'the last certificate must be the root that signed the others; append it';
    // What TLS itself refuses, such as a chain that is cut off or a key that is too short.
    createSecureContext({ cert: certificate, key });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function lastCertificate(pem: string): string {
  return /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?$/.exec(pem.trimEnd())?.[0] ?? '';
}
