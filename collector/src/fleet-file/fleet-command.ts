import { ConfigError, readConfig } from '@headcount/shared';
import type { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { commandLineActor } from '../audit-log/command-line.js';
import type { Store } from '../store/store.js';
import { exportFleet, fleetFileSchema, planFleet } from './fleet-file.js';

interface CommandContext {
  readonly config: () => Option;
  readonly withStore: (file: string, work: (store: Store) => Promise<void>) => Promise<void>;
  readonly print: (line: string) => void;
}

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
    .addOption(config())
    .action((file: string, options: { config: string; dryRun?: true }) =>
      withStore(options.config, async (store) => {
        const wanted = readConfig(file, fleetFileSchema);
        const problems: string[] = [];
        const context = { author: commandLineActor(), now: Date.now() };
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
