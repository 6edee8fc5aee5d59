import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { signedManifestSchema, type SignedManifest, writeAtomically } from '@headcount/shared';
import { z } from 'zod';
import { UpdateError, type Manifest } from './manifest.js';

/** Opens a release's file at the collector. */
export type Download = (file: string, signal: AbortSignal) => Promise<Readable>;

/** A signed release and what it says, checked. */
export interface Release {
  readonly signed: SignedManifest;
  readonly manifest: Manifest;
}

/** Name of the request in the staging folder; systemd's path unit waits for it. */
export const REQUEST_FILE = 'request.json';

/**
 * Fetch a package, hashing it on the way, and keep it only if it is the signed one.
 * @returns its path
 * @throws UpdateError when size or hash differ; Error of the download
 */
export async function fetchPackage(
  { manifest }: Release,
  options: { folder: string; download: Download; signal: AbortSignal },
): Promise<string> {
  const { folder, download, signal } = options;
  const { file, size, sha256 } = manifest;
  const path = join(folder, file);
  if (await isPackage(path, manifest)) return path;
  const partial = `${path}.partial`;
  await mkdir(folder, { recursive: true });
  const handle = await open(partial, 'w', 0o644);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(
      await download(file, signal),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > size)
            throw new UpdateError(`${file} is longer than the ${size} bytes that were signed`);
          hash.update(chunk);
          await handle.write(chunk);
        }
      },
      { signal },
    );
    if (bytes !== size) throw new UpdateError(`${file} has ${bytes} bytes, ${size} were signed`);
    if (hash.digest('hex') !== sha256) throw new UpdateError(`${file} is not the file that was signed`);
    await handle.sync();
    await handle.close();
    await rename(partial, path);
    return path;
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
}

/** What the privileged step is asked for; `at` (UTC ms) tells one attempt from the next. */
export const installRequestSchema = z.object({
  target: signedManifestSchema,
  fallback: signedManifestSchema,
  allowDowngrade: z.boolean(),
  at: z.int(),
});

type InstallRequest = z.infer<typeof installRequestSchema>;

/** Ask the privileged step to install: it checks everything again, because this folder belongs to the agent. */
export async function requestInstall(folder: string, request: InstallRequest): Promise<void> {
  await writeAtomically(join(folder, REQUEST_FILE), JSON.stringify(request));
}

/** True when a file is exactly what its manifest says. */
export async function isPackage(path: string, { size, sha256 }: Manifest): Promise<boolean> {
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > size) return false;
      hash.update(chunk);
    }
    return bytes === size && hash.digest('hex') === sha256;
  } catch {
    // Missing or unreadable: it is fetched.
    return false;
  }
}
