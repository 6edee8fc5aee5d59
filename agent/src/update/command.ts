import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { loggerOptions } from '@headcount/shared';
import type { Command } from 'commander';
import { pino } from 'pino';
import { agentVersion } from '../version.js';
import { applyUpdate, PROBATION_MS } from './apply.js';
import { debianArch, readPublicKey, UpdateError } from './manifest.js';

/** An installation that takes longer is ended (ms). */
const INSTALL_MS = 5 * 60_000;

/** `apply-update`: the privileged step, which systemd starts as root when the agent has staged a release. */
export function addApplyUpdateCommand(root: Command): void {
  root
    .command('apply-update')
    .description('install the update that the agent has staged (as root; systemd does it)')
    .requiredOption('--key <file>', 'public key of the publisher, PEM')
    .requiredOption('--staging <folder>', "the agent's folder of staged releases")
    .requiredOption('--folder <folder>', 'folder that only root may write')
    .action(async (options: { key: string; staging: string; folder: string }) => {
      const arch = debianArch(process.arch);
      if (arch === undefined) throw new UpdateError(`no releases are made for ${process.arch}`);
      const state = await applyUpdate({
        staging: options.staging,
        folder: options.folder,
        key: readPublicKey(heldByRoot(options.key)),
        version: agentVersion(),
        arch,
        install: installPackage,
        probationMs: PROBATION_MS,
        now: Date.now,
        sleep: (ms) => sleep(ms),
        logger: pino(loggerOptions('headcount-agent-update', 'info'), pino.destination(2)),
      });
      if (state !== undefined && state.phase !== 'kept')
        throw new UpdateError(`update to ${state.to}: ${state.phase}, ${state.reason}`);
    });
}

/** @throws UpdateError for a file that somebody else could change: its key decides what is installed as root. */
function heldByRoot(path: string): string {
  const { uid, mode } = statSync(path);
  if (uid !== 0 || (mode & 0o022) !== 0)
    throw new UpdateError(`${path} must belong to root and be writable by nobody else`);
  return path;
}

/** Also over a newer version, and after a power cut in the middle: dpkg takes up a package that is half installed. */
async function installPackage(path: string): Promise<void> {
  await promisify(execFile)('dpkg', ['--install', '--force-downgrade', '--force-confold', path], {
    timeout: INSTALL_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
