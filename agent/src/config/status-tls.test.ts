import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTls } from './status-tls.js';

const folder = mkdtempSync(join(tmpdir(), 'headcount-tls-'));

/** A pair that a foreign tool has made. */
function pair(name: string): { certFile: string; keyFile: string } {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-days', '2'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ed25519', '-nodes', ...subject, '-out', certFile, '-keyout', keyFile],
    { stdio: 'ignore' },
  );
  return { certFile, keyFile };
}

describe('files of the status page', () => {
  const one = pair('one');
  const other = pair('other');

  it('are read when they belong together', () => {
    expect(readTls(one)).toMatchObject({
      certificate: expect.stringContaining('BEGIN CERTIFICATE') as string,
    });
  });

  it('are refused when the key is that of another certificate', () => {
    const files = { ...one, keyFile: other.keyFile };
    expect(readTls(files)).toEqual({
      problems: [['keyFile', `${other.keyFile} is not the key of ${one.certFile}`]],
    });
  });

  it('are both named when both are wrong, without a word of what they hold', () => {
    const file = join(folder, 'secret.txt');
    writeFileSync(file, '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n');
    const result = readTls({ certFile: file, keyFile: file });
    expect(JSON.stringify(result)).not.toContain('hunter2');
    expect(result).toEqual({
      problems: [
        ['certFile', `${file} is no PEM certificate`],
        ['keyFile', `${file} is no PEM private key without a passphrase`],
      ],
    });
  });
});
