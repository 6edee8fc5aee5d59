import { createHash, type KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '@headcount/shared';
import type { Logger } from 'pino';
import { z } from 'zod';
import { checkFallback, checkTarget, UpdateError, verifyManifest } from './manifest.js';
import { installRequestSchema, isPackage, REQUEST_FILE, type Release } from './stage.js';
import { isOver, nextState, updateStateSchema, type UpdateEvent, type UpdateState } from './update-state.js';

/** How long a new version may take until it has counted for a minute (ms). */
export const PROBATION_MS = 10 * 60_000;
/** How often it is looked whether it does (ms). */
const LOOK_MS = 2000;
/** Longest file that is read from the agent's folder (bytes): two manifests with their signatures. */
const MAX_REQUEST_BYTES = 64 * 1024;
/** Name of the state in the privileged folder, and of the agent's proof in its own. */
export const STATE_FILE = 'state.json';
export const PROOF_FILE = 'healthy.json';

/** What an agent writes when it has counted for a minute. `at` is UTC ms. */
export const proofSchema = z.object({ version: z.string(), at: z.int() });

/** What the privileged step works with. */
export interface ApplyOptions {
  /** The agent's own folder, where requests and packages lie; nothing in it is believed. */
  readonly staging: string;
  /** A folder that only root may write. */
  readonly folder: string;
  readonly key: KeyObject;
  /** The version that is installed, and the machine's architecture in dpkg's words. */
  readonly version: string;
  readonly arch: string;
  /** Installs a package. @throws Error when it cannot */
  readonly install: (path: string) => Promise<void>;
  readonly probationMs: number;
  /** UTC ms. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly logger: Logger;
}

/**
 * Install what the agent has staged, after checking all of it again; wait until the new version counts, or go back.
 * Goes on where a power cut left it. Nothing is written into the agent's folder: it could lead anywhere.
 * @returns how the update ended; undefined when nothing was asked for
 * @throws UpdateError when the request is refused
 */
export async function applyUpdate(options: ApplyOptions): Promise<UpdateState | undefined> {
  await mkdir(options.folder, { recursive: true, mode: 0o755 });
  const before = await readState(options.folder);
  const open = before !== undefined && !isOver(before) ? before : await accept(options, before);
  return open && run(options, open);
}

/** The state of the newest update; undefined before the first. @param folder the privileged one */
export async function readState(folder: string): Promise<UpdateState | undefined> {
  const text = await readSmall(join(folder, STATE_FILE));
  return text === undefined ? undefined : updateStateSchema.parse(JSON.parse(text));
}

function requestOf(text: string): z.infer<typeof installRequestSchema> {
  try {
    return installRequestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UpdateError(`${REQUEST_FILE} is not a request that an agent writes`, { cause });
  }
}

async function accept(
  options: ApplyOptions,
  before: UpdateState | undefined,
): Promise<UpdateState | undefined> {
  const { staging, folder, key, version, arch } = options;
  const text = await readSmall(join(staging, REQUEST_FILE));
  if (text === undefined) return undefined;
  const requestKey = createHash('sha256').update(text).digest('hex');
  if (requestKey === before?.key) return undefined;
  const { target, fallback, allowDowngrade } = requestOf(text);
  const wanted: Release = { signed: target, manifest: verifyManifest(target, key) };
  const back: Release = { signed: fallback, manifest: verifyManifest(fallback, key) };
  const self = { version, arch, newestSeen: before?.createdAt ?? 0, allowDowngrade };
  checkTarget(wanted.manifest, self);
  checkFallback(back.manifest, self);
  await take(options, wanted, targetFile(folder));
  await take(options, back, fallbackFile(folder));
  const createdAt = Math.max(wanted.manifest.createdAt, self.newestSeen);
  const state: UpdateState = {
    phase: 'staged',
    to: wanted.manifest.version,
    from: version,
    createdAt,
    key: requestKey,
    since: 0,
    until: 0,
    reason: '',
  };
  await save(options, state);
  return state;
}

/** Copy a package out of the agent's reach, then check the copy. */
async function take({ staging }: ApplyOptions, { manifest }: Release, path: string): Promise<void> {
  const from = join(staging, manifest.file);
  // The agent could put a link there, to have root read what only root may.
  const handle = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  await handle.close();
  await rm(path, { force: true });
  await copyFile(from, path, constants.COPYFILE_EXCL);
  if (await isPackage(path, manifest)) return;
  await rm(path, { force: true });
  throw new UpdateError(`${manifest.file} is not the file that was signed`);
}

async function run(options: ApplyOptions, first: UpdateState): Promise<UpdateState> {
  let state = first;
  while (!isOver(state)) {
    state = nextState(state, await step(options, state));
    await save(options, state);
  }
  return state;
}

/** Do what a phase asks for, and say what came of it. */
async function step(options: ApplyOptions, state: UpdateState): Promise<UpdateEvent> {
  const { folder, install, probationMs, now, sleep } = options;
  switch (state.phase) {
    case 'staged':
      return { kind: 'install', now: now() };
    case 'installing': {
      const reason = await failure(() => install(targetFile(folder)));
      return reason === undefined
        ? { kind: 'installed', now: now(), probationMs }
        : { kind: 'install-failed', reason };
    }
    case 'probation':
      if (await isProved(options, state)) return { kind: 'healthy' };
      await sleep(LOOK_MS);
      return { kind: 'tick', now: now() };
    case 'rolling-back':
    case 'kept':
    case 'rolled-back':
    case 'failed': {
      const reason = await failure(() => install(fallbackFile(folder)));
      return reason === undefined ? { kind: 'went-back' } : { kind: 'back-failed', reason };
    }
  }
}

async function isProved({ staging }: ApplyOptions, { to, since }: UpdateState): Promise<boolean> {
  try {
    const proof = proofSchema.parse(JSON.parse((await readSmall(join(staging, PROOF_FILE))) ?? 'null'));
    return proof.version === to && proof.at >= since;
  } catch {
    // Nothing there yet, or nonsense: no proof.
    return false;
  }
}

async function failure(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 500) : String(error);
  }
}

async function save({ folder, logger }: ApplyOptions, state: UpdateState): Promise<void> {
  const file = join(folder, STATE_FILE);
  const before = await readState(folder);
  if (JSON.stringify(before) === JSON.stringify(state)) return;
  await writeAtomically(file, JSON.stringify(state));
  // The agent reads how it went; there is no secret in it.
  await chmod(file, 0o644);
  logger.info({ ...state }, 'update');
}

async function readSmall(path: string): Promise<string | undefined> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await handle.read({
        buffer: Buffer.alloc(MAX_REQUEST_BYTES),
        position: 0,
      });
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function targetFile(folder: string): string {
  return join(folder, 'target.deb');
}

function fallbackFile(folder: string): string {
  return join(folder, 'fallback.deb');
}
