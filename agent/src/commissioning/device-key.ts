import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECRET_MODE, writeFileAtomically } from '@headcount/shared';

/** The key that this device signs with: Ed25519, made here, never leaves the data directory. */
export interface DeviceKey {
  /** SubjectPublicKeyInfo, base64 DER. */
  readonly publicKey: string;
  /** Ed25519 signature of UTF-8 text, base64. */
  sign(text: string): string;
}

/**
 * Read the device's key, or make it on the first call.
 * @throws Error naming the file when it cannot be read or is no Ed25519 key
 */
export function deviceKey(dataDir: string): DeviceKey {
  const file = join(dataDir, 'device-key.pem');
  const key = existsSync(file) ? read(file) : make(file);
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), key).toString('base64'),
  };
}

function read(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a ${key.asymmetricKeyType} key`);
    return key;
  } catch (cause) {
    throw new Error(`${file} is no Ed25519 private key; remove it to make a new one`, { cause });
  }
}

function make(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileAtomically(file, pem.toString(), SECRET_MODE);
  return privateKey;
}
