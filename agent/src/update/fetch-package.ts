import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UpdateError } from './errors.js';
import type { Manifest } from './manifest.js';

/** Fetch the file of a release. */
export type Download = (file: string, signal: AbortSignal) => Promise<Readable>;

/**
 * Put a package into a folder, whole and as its manifest says, or not at all. One that is there already is checked, not
 * fetched again.
 * @throws UpdateError when it is another one; Error of the network or the disk
 */
export async function fetchPackage(
  manifest: Manifest,
  options: { folder: string; download: Download; signal: AbortSignal },
): Promise<string> {
  const { folder, download, signal } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const place = join(folder, manifest.file);
  if (await isThere(place, manifest)) return place;
  const part = `${place}.part`;
  try {
    await copyChecked(await download(manifest.file, signal), part, { manifest, signal });
    await rename(part, place);
  } finally {
    await rm(part, { force: true });
  }
  return place;
}

/**
 * Copy a package and check size and hash of what was written.
 * @throws UpdateError when it is not the package of the manifest
 */
export async function copyChecked(
  from: Readable,
  to: string,
  { manifest, signal }: { manifest: Manifest; signal?: AbortSignal },
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      // At once: a server that sends without end must not fill the disk.
      if (bytes > manifest.size) done(new UpdateError(`${manifest.file} is larger than its manifest says`));
      else done(null, chunk);
    },
  });
  const target = createWriteStream(to, { mode: 0o600, flush: true });
  await pipeline(from, check, target, signal === undefined ? {} : { signal });
  if (bytes !== manifest.size || hash.digest('hex') !== manifest.sha256)
    throw new UpdateError(`${manifest.file} is not the file that its manifest describes`);
}

async function isThere(place: string, manifest: Manifest): Promise<boolean> {
  try {
    const hash = createHash('sha256');
    await pipeline(createReadStream(place), hash);
    return hash.digest('hex') === manifest.sha256;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
