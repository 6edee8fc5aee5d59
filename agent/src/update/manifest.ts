import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SignedManifest } from '@headcount/shared';
import { z } from 'zod';

/** Largest package that is taken (bytes). */
export const MAX_PACKAGE_BYTES = 512 * 1024 * 1024;

const releaseVersionSchema = z
  .string()
  .regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/, 'must be a version such as 1.2.0');

/** What a publisher signs. */
export const manifestSchema = z.strictObject({
  version: releaseVersionSchema,
  arch: z.enum(['amd64', 'arm64']).describe('architecture in the words of dpkg'),
  file: z.string().regex(/^[a-z0-9][a-z0-9.+_~-]{0,127}\.deb$/, 'must be the plain name of a .deb file'),
  size: z.int().min(1).max(MAX_PACKAGE_BYTES).describe('bytes'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  minVersion: releaseVersionSchema.describe('oldest version that may update to this one in one step'),
  createdAt: z
    .int()
    .min(Date.UTC(2020, 0, 1))
    .describe('UTC ms'),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A release that is not installed; the message says why, in words for a person. */
export class UpdateError extends Error {
  override readonly name = 'UpdateError';
  readonly code = 'UPDATE_REFUSED';
}

/** The gateway that a release is meant for. */
export interface Target {
  /** The version that runs. */
  readonly version: string;
  readonly arch: string;
  /** `createdAt` of the newest release that was ever installed here, UTC ms; 0 before the first. */
  readonly newestSeen: number;
  readonly allowDowngrade: boolean;
}

/**
 * Read the publisher's public key, an Ed25519 key as PEM.
 * @throws UpdateError naming the file
 */
export function readPublicKey(file: string): KeyObject {
  try {
    const key = createPublicKey(readFileSync(file));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a ${key.asymmetricKeyType} key`);
    return key;
  } catch (cause) {
    throw new UpdateError(`${file} is no Ed25519 public key in PEM`, { cause });
  }
}

/**
 * Check the signature over the exact text, and only then read it.
 * @throws UpdateError when the signature is not the publisher's, or the text is no manifest
 */
export function verifyManifest({ manifest, signature }: SignedManifest, key: KeyObject): Manifest {
  if (!verify(null, Buffer.from(manifest, 'utf8'), key, Buffer.from(signature, 'base64')))
    throw new UpdateError('the signature is not that of the publisher whose key this gateway trusts');
  try {
    return manifestSchema.parse(JSON.parse(manifest));
  } catch (cause) {
    throw new UpdateError('the signed text is no manifest of a release', { cause });
  }
}

/**
 * Check that a release may be installed on this gateway now. Pure.
 * @throws UpdateError naming the first reason why not
 */
export function checkTarget(manifest: Manifest, target: Target): void {
  const { version, arch, minVersion, createdAt } = manifest;
  if (arch !== target.arch)
    throw new UpdateError(`the release is for ${arch}, this gateway is ${target.arch}`);
  const order = compareVersions(version, target.version);
  if (order === 0) throw new UpdateError(`version ${version} runs already`);
  if (compareVersions(target.version, minVersion) < 0)
    throw new UpdateError(`version ${version} needs at least ${minVersion} first; ${target.version} runs`);
  if (target.allowDowngrade) return;
  if (order < 0) throw new UpdateError(`version ${version} is older than ${target.version}, which runs`);
  // A release that was withdrawn is still signed: whoever kept it must not bring its faults back.
  if (createdAt <= target.newestSeen)
    throw new UpdateError('the release was made before one that has been installed here');
}

/** Check that a release is the one that runs, so that it is a way back. @throws UpdateError when it is not */
export function checkFallback({ version, arch }: Manifest, target: Target): void {
  if (version !== target.version || arch !== target.arch)
    throw new UpdateError(
      `the way back is ${version} for ${arch}, but ${target.version} for ${target.arch} runs`,
    );
}

/** Negative when the first of two x.y.z versions is older, 0 when they are the same. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => text.split('.').map(Number));
  return (
    [0, 1, 2].map((part) => (left?.[part] ?? 0) - (right?.[part] ?? 0)).find((order) => order !== 0) ?? 0
  );
}

/** dpkg's word for a CPU in Node's words; undefined for one that no release is made for. */
export function debianArch(arch: NodeJS.Architecture): 'amd64' | 'arm64' | undefined {
  if (arch === 'x64') return 'amd64';
  return arch === 'arm64' ? 'arm64' : undefined;
}
