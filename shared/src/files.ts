import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Mode of a file that holds a secret: its owner only. */
export const SECRET_MODE = 0o600;

/**
 * Write a file so that a power cut leaves the old content or the new one, never half of one.
 *
 * Root (an administrator at the command line) gives the file to the owner of its folder, so that the service, which
 * runs as a user of its own, can read what was written for it.
 * @throws Error of the file system
 */
export function writeFileAtomically(file: string, content: string, mode: number): void {
  const folder = dirname(file);
  makeFolder(folder);
  const draft = `${file}.new`;
  // A draft that a power cut left may have another mode.
  rmSync(draft, { force: true });
  const handle = openSync(draft, 'wx', mode);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  giveToOwnerOf(folder, draft);
  renameSync(draft, file);
  // The name itself is durable only when the folder is.
  const opened = openSync(folder, 'r');
  fsyncSync(opened);
  closeSync(opened);
}

/** The text of a file; undefined where there is none. @throws Error of the file system */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Write a file that nobody has written yet; of several processes that do so at once, one wins, whole.
 * @returns what the file holds: the content given, or what was there already
 * @throws Error of the file system
 */
export function writeFileOnce(file: string, content: string, mode: number): string {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileAtomically(draft, content, mode);
  try {
    // Unlike a rename, a link does not replace what another process has made meanwhile.
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, 'utf8');
}

/**
 * The same as {@link writeFileAtomically} without holding up the event loop, for what a running service writes again and again; readable by its owner
 * only, in a folder that is there.
 * @throws Error of the file system
 */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.new`;
  await writeFile(draft, content, { mode: SECRET_MODE, flush: true });
  await rename(draft, file);
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Make a folder (0750) and those above it; root gives what is new to the owner of the folder above. */
export function makeFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o750 });
  if (made === undefined) return;
  for (let path = folder; path.length >= made.length; path = dirname(path))
    giveToOwnerOf(dirname(made), path);
}

function giveToOwnerOf(folder: string, path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  chownSync(path, uid, gid);
}
