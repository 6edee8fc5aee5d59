import { rename, writeFile } from 'node:fs/promises';

/**
 * Replace a file's content as a whole: a power cut leaves the old content or the new one, never half of one. Only the
 * agent may read it.
 */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${file}.new`, content, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
}
