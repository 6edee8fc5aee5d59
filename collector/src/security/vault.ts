import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, SECRET_MODE, writeFileOnce } from '@headcount/shared';

const KEY_BYTES = 32;
/** Length that NIST SP 800-38D recommends for GCM. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts small secrets that the database must give back, so that a copy of the database alone opens nothing. */
export class Vault {
  private readonly key: Buffer;

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    this.key = key;
  }

  /**
   * The vault of a data folder; its key is made where there is none, for its owner alone. Two processes that open it at once
   * get the same key.
   * @throws Error when the key file is damaged
   */
  static open(dataDir: string): Vault {
    const file = join(dataDir, 'vault.key');
    const text =
      readIfThere(file) ?? writeFileOnce(file, randomBytes(KEY_BYTES).toString('base64'), SECRET_MODE);
    // A copy that came back from a backup may have lost its mode.
    chmodSync(file, SECRET_MODE);
    const key = Buffer.from(text, 'base64');
    if (key.length !== KEY_BYTES)
      throw new Error(
        `${file} is damaged; put it back from a backup, or remove it and set up second factors again`,
      );
    return new Vault(key);
  }

  /** AES-256-GCM; nonce, tag and text as base64. */
  seal(text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** @throws Error for what another key sealed or somebody changed */
  open(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  }
}
