import { execFile } from 'node:child_process';
import { randomUUID, type KeyObject } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SignedManifest } from '@headcount/shared';
import { writeAtomically } from '../config/atomic-file.js';
import { UpdateError } from './errors.js';
import { copyChecked } from './fetch-package.js';
import { openManifest, type Manifest } from './manifest.js';
import {
  agentPlaces,
  installerPlaces,
  outcomeSchema,
  proofSchema,
  readNote,
  requestSchema,
  type Outcome,
  type UpdateRequest,
} from './places.js';
import { isOver, nextPhase, type UpdateEvent } from './progress.js';

/** How often the installer looks whether the new version has proved itself (ms). */
const LOOK_MS = 1000;
/** The package manager hangs when it takes longer (ms). */
const DPKG_MS = 5 * 60_000;

/** What the installer works with. */
export interface InstallOptions {
  /** The agent's folder for updates: read, and never trusted. */
  readonly agentFolder: string;
  /** The installer's own folder, which only root may write. */
  readonly folder: string;
  readonly publicKey: KeyObject;
  /** Another root for dpkg, as its own --root. */
  readonly root: string | undefined;
  /** How long the new version has to prove itself (ms). */
  readonly probationMs: number;
  /** UTC ms and monotonic ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly say: (line: string) => void;
}

/**
 * The privileged half of an update: install what the agent has fetched, wait until the new version has proved itself,
 * and otherwise install the old one again. Every step is on disk before the next, so it goes on after a power cut.
 * @returns what became of it; undefined when there was nothing to do
 * @throws UpdateError when the request is not the publisher's; nothing is installed then
 */
export async function installUpdate(options: InstallOptions): Promise<Outcome | undefined> {
  const own = installerPlaces(options.folder);
  await mkdir(options.folder, { recursive: true, mode: 0o755 });
  let outcome = readNote(own.outcome, outcomeSchema);
  if (outcome === undefined || isOver(outcome.phase)) outcome = await begin(options);
  const request = outcome && readNote(own.request, requestSchema);
  if (outcome === undefined || request === undefined) return undefined;
  while (!isOver(outcome.phase)) {
    const { event, detail } = await step(options, outcome, request);
    outcome = await save(options, {
      ...outcome,
      phase: nextPhase(outcome.phase, event),
      detail: detail === '' ? outcome.detail : detail.slice(0, 1000),
    });
  }
  return outcome;
}

/** Take a request over: both packages are copied to where the agent cannot change them, then checked. */
async function begin(options: InstallOptions): Promise<Outcome | undefined> {
  const { agentFolder, folder, publicKey } = options;
  const asked = agentPlaces(agentFolder);
  const request = readNote(asked.request, requestSchema);
  // Removed first: a request that cannot be used must not start the installer again and again.
  await rm(asked.request, { force: true });
  if (request === undefined) return undefined;
  const [target, fallback] = [
    openManifest(request.target, publicKey),
    openManifest(request.fallback, publicKey),
  ];
  for (const manifest of [target, fallback]) await takeOver(manifest, agentFolder, folder);
  await rm(asked.proof, { force: true });
  await writeAtomically(installerPlaces(folder).request, JSON.stringify(request));
  const [from, to] = [fallback.version, target.version];
  return save(options, {
    ...{ id: randomUUID(), phase: 'installing', from, to, detail: '' },
    at: options.now(),
  });
}

async function takeOver(manifest: Manifest, from: string, to: string): Promise<void> {
  const file = join(from, manifest.file);
  try {
    // The folder is the agent's: a link in it must not make root read something else.
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    await copyChecked(createReadStream('', { fd: handle, autoClose: true }), join(to, manifest.file), {
      manifest,
    });
  } catch (cause) {
    if (cause instanceof UpdateError) throw cause;
    throw new UpdateError(`${file} cannot be taken over; ask for the update again`, { cause });
  }
}

async function step(
  options: InstallOptions,
  { phase, to }: Outcome,
  request: UpdateRequest,
): Promise<{ event: UpdateEvent; detail: string }> {
  if (phase === 'probation') {
    if (await proves(options, to)) return { event: 'proved', detail: '' };
    const minutes = Math.round(options.probationMs / 60_000);
    return { event: 'time-over', detail: `${to} was not well within ${minutes} min` };
  }
  const failure = await install(options, phase === 'returning' ? request.fallback : request.target);
  if (failure === undefined) return { event: 'installed', detail: '' };
  return { event: 'not-installed', detail: failure };
}

/** @returns why dpkg failed; undefined when it did not */
async function install(options: InstallOptions, signed: SignedManifest): Promise<string | undefined> {
  const { folder, publicKey, root, say } = options;
  const { file, version } = openManifest(signed, publicKey);
  say(`installing ${version}`);
  const elsewhere = root === undefined ? [] : [`--root=${root}`];
  // A question would wait for ever: configuration files that were changed stay as they are.
  const answers = ['--force-confold', '--force-confdef', '--force-downgrade'];
  try {
    await promisify(execFile)('dpkg', [...elsewhere, ...answers, '--install', join(folder, file)], {
      timeout: DPKG_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    return undefined;
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    say(text.trim());
    return `dpkg could not install ${version}: ${text.trim().split('\n').at(-1) ?? ''}`;
  }
}

async function proves(options: InstallOptions, version: string): Promise<boolean> {
  const { agentFolder, probationMs, monotonic, say } = options;
  const until = monotonic() + probationMs;
  say(`${version} has ${Math.round(probationMs / 1000)} s to prove itself`);
  while (monotonic() < until) {
    if (readNote(agentPlaces(agentFolder).proof, proofSchema)?.version === version) return true;
    await sleep(Math.min(LOOK_MS, probationMs));
  }
  return false;
}

async function save(options: InstallOptions, next: Outcome): Promise<Outcome> {
  const { folder, now, say } = options;
  const outcome = { ...next, at: now() };
  const { outcome: file } = installerPlaces(folder);
  await writeAtomically(file, JSON.stringify(outcome));
  // The agent, which is not root, reads it.
  await chmod(file, 0o644);
  say(`update from ${outcome.from} to ${outcome.to}: ${outcome.phase}`);
  return outcome;
}
