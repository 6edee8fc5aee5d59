import { InvalidArgumentError, type Command } from 'commander';
import { UpdateError } from './errors.js';
import { installUpdate } from './install.js';
import { readPublicKey } from './manifest.js';

interface Options {
  readonly from: string;
  readonly folder: string;
  readonly key: string;
  readonly root?: string;
  readonly probation: number;
}

/** Add `headcount-agent apply-update`, which headcount-agent-update.service runs as root. */
export function addApplyUpdateCommand(root: Command): void {
  root
    .command('apply-update')
    .description('install the release that the agent has fetched, or go back; needs root')
    .option('--from <folder>', 'where the agent left it', '/var/lib/headcount/update')
    .option('--folder <folder>', 'own folder, for root only', '/var/lib/headcount-update')
    .option('--key <file>', "the publisher's public key, PEM", '/etc/headcount/release-key.pem')
    .option('--root <folder>', 'install into another root, as dpkg --root')
    .option('--probation <minutes>', 'time in which the new version must prove itself', minutes, 15)
    .action(apply);
}

async function apply({ from, folder, key, root, probation }: Options): Promise<void> {
  const outcome = await installUpdate({
    agentFolder: from,
    folder,
    publicKey: readPublicKey(key),
    root,
    probationMs: probation * 60_000,
    now: Date.now,
    monotonic: () => performance.now(),
    say: (line) => process.stdout.write(`${line}\n`),
  });
  if (outcome === undefined) process.stdout.write('nothing is waiting to be installed\n');
  else if (outcome.phase !== 'kept')
    throw new UpdateError(`${outcome.to} ${outcome.phase}: ${outcome.detail}`);
}

function minutes(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 120))
    throw new InvalidArgumentError('It must be a number of minutes above 0, at most 120.');
  return value;
}
