import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** PEM texts of the status page's certificate and its private key. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

type Fields = 'certFile' | 'keyFile';

/**
 * Read both files and see that they belong together, so that a wrong file is found before the page is needed.
 * @returns the texts, or every problem with the field that it stands in
 */
export function readTls(
  files: Readonly<Record<Fields, string>>,
): TlsFiles | { readonly problems: readonly (readonly [Fields, string])[] } {
  const certificate = read(files.certFile, 'PEM certificate', (text) => new X509Certificate(text));
  const key = read(files.keyFile, 'PEM private key without a passphrase', createPrivateKey);
  const problems: (readonly [Fields, string])[] = [];
  if ('problem' in certificate) problems.push(['certFile', certificate.problem]);
  if ('problem' in key) problems.push(['keyFile', key.problem]);
  if ('problem' in certificate || 'problem' in key) return { problems };
  if (certificate.value.checkPrivateKey(key.value)) return { certificate: certificate.text, key: key.text };
  return { problems: [['keyFile', `${files.keyFile} is not the key of ${files.certFile}`]] };
}

function read<T>(
  file: string,
  wanted: string,
  parse: (text: string) => T,
): { text: string; value: T } | { problem: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { problem: `${file} cannot be read (${code}); make it with "headcount-agent make-certificate"` };
  }
  try {
    return { text, value: parse(text) };
  } catch {
    // The parser's own words could quote the key.
    return { problem: `${file} is no ${wanted}` };
  }
}
