import { ConfigError, readConfig } from '@headcount/shared';
import { InvalidArgumentError, type Command, type Option } from 'commander';
import { stringify } from 'yaml';
import { commandLineActor } from '../audit-log/command-line.js';
import { duration } from '../fleet/enrolment-command.js';
import type { Store } from '../store/store.js';
import { exportFleet, fleetFileSchema } from './fleet-file.js';
import { planFleet, type ApplyContext } from './plan-fleet.js';

interface CommandContext {
  readonly config: () => Option;
  readonly withStore: (file: string, work: (store: Store) => Promise<void>) => Promise<void>;
  readonly print: (line: string) => void;
}

interface ApplyOptions {
  readonly config: string;
  readonly dryRun?: true;
  readonly canaries?: number;
  /** ms */
  readonly soak: number;
  readonly title: string;
}

/** Canaries run so long before the rest follows, unless told otherwise (ms). */
const SOAK_MS = 10 * 60_000;

/** Add `export` and `apply`: the fleet as a file. */
export function addFleetCommands(root: Command, { config, withStore, print }: CommandContext): void {
  root
    .command('export')
    .description('print sites, gateways and their desired configuration as YAML; it holds no secret')
    .addOption(config())
    .action((options: { config: string }) =>
      withStore(options.config, async (store) => print(stringify(await exportFleet(store)).trimEnd())),
    );
  root
    .command('apply')
    .description(
      'make the fleet what a file says; what it does not name stays, and a second time nothing changes',
    )
    .argument('<file>', 'as "export" prints it')
    .option('--dry-run', 'only print what would change')
    .option(
      '--canaries <number>',
      'change configurations in a roll-out: so many gateways first, the rest when these have run well',
      wholeNumber,
    )
    .option('--soak <time>', 'with --canaries: how long these must run well, such as 30m', duration, SOAK_MS)
    .option('--title <text>', 'with --canaries: what the roll-out is called', 'fleet file')
    .addOption(config())
    .action((file: string, options: ApplyOptions) =>
      withStore(options.config, async (store) => {
        const wanted = readConfig(file, fleetFileSchema);
        const problems: string[] = [];
        const context = { author: commandLineActor(), now: Date.now(), staged: stagedBy(options) };
        const steps = await planFleet(store, wanted, context, (problem) => problems.push(problem));
        if (problems.length > 0) throw new ConfigError(file, problems);
        for (const { text, run } of steps) {
          print(text);
          if (options.dryRun !== true) await run();
        }
        const done = options.dryRun === true ? 'would change' : 'changed';
        print(steps.length === 0 ? 'nothing to change' : `${steps.length} ${done}`);
      }),
    );
}

function stagedBy({ canaries, soak: soakMs, title }: ApplyOptions): ApplyContext['staged'] {
  return canaries === undefined ? undefined : { title, canaries, soakMs };
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a number of gateways from 1 to 999.');
}
