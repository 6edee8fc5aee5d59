import { createReadStream } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { signedManifestSchema, type SignedManifest } from '@headcount/shared';

/** Names that a file of a release may have: no folder, nothing hidden. */
const FILE_NAME = /^[a-z0-9][a-z0-9.+_~-]{0,127}\.deb$/;

/** Releases in a folder of the data directory, put there by whoever publishes: a package and its signed manifest. */
export class Releases {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * The signed manifest of a release, as `scripts/sign-release.ts` wrote it beside the package. It is passed on as it
   * is: the gateway checks the signature, so this folder need not be trusted.
   * @throws Error when the file is no signed manifest
   */
  async find(version: string, arch: string): Promise<SignedManifest | undefined> {
    const name = `headcount-agent_${version}_${arch}.json`;
    if (!/^[a-z0-9._-]+$/.test(name)) return undefined;
    try {
      return signedManifestSchema.parse(JSON.parse(await readFile(join(this.folder, name), 'utf8')));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** A package to send, with its size in bytes; undefined where there is none of that name. */
  async open(file: string): Promise<{ size: number; stream: Readable } | undefined> {
    if (!FILE_NAME.test(file)) return undefined;
    const handle = await openRegular(join(this.folder, file));
    if (handle === undefined) return undefined;
    const { size } = await handle.stat();
    return { size, stream: createReadStream('', { fd: handle, autoClose: true }) };
  }
}

async function openRegular(path: string): Promise<FileHandle | undefined> {
  try {
    const handle = await open(path, 'r');
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return undefined;
}
