import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import * as x509 from './x509.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A new private key for the certificate of this gateway: ECDSA P-256, PKCS #8, PEM. */
export function newKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
}

/**
 * A certificate request (PKCS #10, PEM), signed by the key as proof that this gateway has it. The collector takes only
 * the public key from it: the name is what the enrolment code was made for.
 * @param key private key, PEM
 */
export async function certificateRequest(key: string): Promise<string> {
  const privateKey = createPrivateKey(key);
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const keys = {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  };
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=gateway',
    keys,
    signingAlgorithm: ALGORITHM,
  });
  return `${request.toString('pem')}\n`;
}
