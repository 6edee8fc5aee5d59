import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describeIssues, type SignedManifest } from '@headcount/shared';
import { z } from 'zod';
import { UpdateError } from './errors.js';

const versionSchema = z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/, 'must be a version such as 1.2.0');

/** Largest package that is fetched (bytes): the runtime, the model and room to grow. */
const MAX_PACKAGE_BYTES = 400 * 1024 * 1024;

/** What a publisher signs about one package. */
export const manifestSchema = z.strictObject({
  version: versionSchema,
  arch: z.enum(['amd64', 'arm64']),
  /** Name of the package's file: no folder, nothing hidden. */
  file: z.string().regex(/^[a-z0-9][a-z0-9.+_~-]{0,127}\.deb$/),
  size: z.int().min(1).max(MAX_PACKAGE_BYTES).describe('bytes'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  minVersion: versionSchema.describe('oldest version from which it may be installed directly'),
  createdAt: z.int().min(0).describe('UTC ms'),
});

/** See {@link manifestSchema}. */
export type Manifest = z.infer<typeof manifestSchema>;

/** The publisher's key, PEM. @throws UpdateError when the file holds no Ed25519 public key */
export function readPublicKey(file: string): KeyObject {
  try {
    const key = createPublicKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new UpdateError(`${file} cannot be read as a public key in PEM; copy the publisher's there`, {
      cause,
    });
  }
  throw new UpdateError(`${file} is no Ed25519 key; releases are signed with one`);
}

/**
 * The manifest, if it is the publisher's: the signature is over the exact text, and is checked before the text is read.
 * @throws UpdateError
 */
export function openManifest({ manifest, signature }: SignedManifest, key: KeyObject): Manifest {
  const genuine = verify(null, Buffer.from(manifest), key, Buffer.from(signature, 'base64'));
  if (!genuine) throw new UpdateError('the signature of the release is not the publisher’s');
  const parsed = manifestSchema.safeParse(parse(manifest));
  if (!parsed.success)
    throw new UpdateError(`the manifest of the release is wrong: ${describeIssues(parsed.error).join('; ')}`);
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UpdateError('the manifest of the release is no JSON', { cause });
  }
}

/** Where a release is to be installed. */
export interface Installed {
  readonly version: string;
  readonly arch: string;
  /** When the newest release that was ever taken had been made (UTC ms): an older one is a replay. */
  readonly newest: number;
}

/** @throws UpdateError when a genuine release does not belong on this gateway now */
export function checkTarget(target: Manifest, installed: Installed, allowDowngrade: boolean): void {
  const { version, arch, newest } = installed;
  if (target.arch !== arch)
    throw new UpdateError(`the release is for ${target.arch}, and this gateway is ${arch}`);
  if (compareVersions(version, target.minVersion) < 0)
    throw new UpdateError(
      `${target.version} needs at least ${target.minVersion} before it, and this is ${version}; install that first`,
    );
  if (target.version === version) throw new UpdateError(`${version} is installed already`);
  if (allowDowngrade) return;
  if (compareVersions(target.version, version) < 0)
    throw new UpdateError(`${target.version} is older than ${version}; a downgrade has to be asked for`);
  if (target.createdAt < newest)
    throw new UpdateError('the release was made before one that this gateway has had; it may be a replay');
}

/** Below 0 when the first of two versions such as 1.2.0 is the older one. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one.split('.').map(Number), other.split('.').map(Number)];
  const index = left.findIndex((part, place) => part !== right[place]);
  return index === -1 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}

/** Debian's name of this machine. @throws UpdateError on one for which no packages are made */
export function debianArch(arch: NodeJS.Architecture = process.arch): Manifest['arch'] {
  if (arch === 'x64') return 'amd64';
  if (arch === 'arm64') return 'arm64';
  throw new UpdateError(`no packages are made for ${arch}`);
}
