import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprintOf, makeCertificate, type GatewayNames } from './certificate.js';

/** Where `make-certificate` puts its files, below the folder that it is given. */
export const CERTIFICATE_FILE = 'status.crt';
export const KEY_FILE = 'status.key';

/** What `make-certificate` came to. */
export interface MadeCertificate {
  /** False when the files were there already. */
  readonly made: boolean;
  readonly fingerprint: string;
}

/**
 * Make the status page's certificate unless there is one: a new one has a new fingerprint, and the label on the box
 * would lie. The key is readable by its owner only.
 * @throws Error of the file system; Error when the certificate that is there cannot be read
 */
export async function ensureCertificate(options: {
  readonly folder: string;
  readonly names: GatewayNames;
  /** Replace the one that is there. */
  readonly again: boolean;
  /** UTC ms */
  readonly now: number;
}): Promise<MadeCertificate> {
  const { folder, names, again, now } = options;
  const certificateFile = join(folder, CERTIFICATE_FILE);
  const keyFile = join(folder, KEY_FILE);
  if (!again && existsSync(certificateFile) && existsSync(keyFile)) {
    return { made: false, fingerprint: fingerprintOf(readFileSync(certificateFile, 'utf8')) };
  }
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  const { certificate, key } = await makeCertificate(names, now);
  replaceFile(keyFile, key, 0o600);
  replaceFile(certificateFile, certificate, 0o644);
  return { made: true, fingerprint: fingerprintOf(certificate) };
}

/** A power cut leaves the old file or the new one, never half of it. */
function replaceFile(file: string, text: string, mode: number): void {
  const next = `${file}.new`;
  writeFileSync(next, text, { mode, flush: true });
  renameSync(next, file);
}
