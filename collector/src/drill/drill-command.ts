import { InvalidArgumentError, type Command, type Option } from 'commander';
import { currentRules } from '../alerts/rules.js';
import type { CollectorConfig } from '../config/config.js';
import type { Store } from '../store/store.js';
import { DrillRefusedError } from './refused-error.js';
import { runDrill, type DrillOptions } from './run.js';
import { SCENARIOS, type Scenario } from './scenarios.js';
import { length, resultLines, scenarioLines, stepLine } from './show.js';

interface CommandContext {
  readonly config: () => Option;
  readonly withStore: (
    file: string,
    work: (store: Store, config: CollectorConfig) => Promise<void>,
  ) => Promise<void>;
  readonly print: (line: string) => void;
}

interface CommandOptions {
  readonly config: string;
  readonly list?: true;
  readonly json?: true;
  readonly waitForAck: boolean;
}

/** A target was missed, or the drill was broken off. */
const EXIT_MISSED = 1;

/** Add `drill`: from a fault to a person who acts, measured. */
export function addDrillCommand(root: Command, { config, withStore, print }: CommandContext): void {
  root
    .command('drill')
    .description(
      'hold a drill: inject a fault into a simulated site and measure detection, paging and acknowledgement; ' +
        'whoever is on call is paged, and every page begins with DRILL',
    )
    .argument('[scenario]', `what goes wrong: ${NAMES}`, scenarioOf)
    .option('--list', 'print what each scenario tests and how long it takes')
    .option('--no-wait-for-ack', 'end once the first page is sent')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nRun it where the collector runs, with its configuration. Exit codes: 0 all targets kept, 1 a target missed or ' +
        'broken off, 2 wrong usage or refused.',
    )
    .addOption(config())
    .action((scenario: Scenario | undefined, options: CommandOptions) =>
      withStore(options.config, async (store, loaded) => {
        if (options.list === true) {
          for (const line of scenarioLines(await currentRules(store))) print(line);
          return;
        }
        if (scenario === undefined) throw new DrillRefusedError(`name a scenario: ${NAMES}`);
        await hold(scenario, options, { store, config: loaded, print });
      }),
    );
}

const NAMES = SCENARIOS.map(({ name }) => name).join(', ');

function scenarioOf(text: string): Scenario {
  const found = SCENARIOS.find(({ name }) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`There are: ${NAMES}.`);
  return found;
}

async function hold(
  scenario: Scenario,
  { json = false, waitForAck }: { json?: boolean; waitForAck: boolean },
  { store, config, print }: { store: Store; config: CollectorConfig; print: (line: string) => void },
): Promise<void> {
  const stop = new AbortController();
  // A second signal ends it at once; what it leaves is cleaned up by the collector.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const { gateways, cameras, name } = scenario;
  const what = `${counted(gateways, 'gateway')} with ${counted(cameras, 'camera')} each`;
  if (!json) print(`drill ${name}: ${what}; every page begins with DRILL`);
  const drill = await runDrill(scenario, {
    ...{ store, mqttUrl: brokerOf(config), timeZone: config.timeZone, waitForAck, signal: stop.signal },
    now: Date.now,
    ...(json ? { onStep: () => undefined, onWait: () => undefined } : progress(print)),
  });
  if (json) print(JSON.stringify(drill));
  else for (const line of resultLines(drill)) print(line);
  if (drill.outcome !== 'kept') process.exitCode = EXIT_MISSED;
}

/** Steps as lines; on a terminal, below them, what is waited for. */
function progress(print: (line: string) => void): Pick<DrillOptions, 'onStep' | 'onWait'> {
  const { isTTY } = process.stderr;
  const wipe = () => process.stderr.write(isTTY ? '\r\u001b[K' : '');
  return {
    onStep: (step, faultAt) => {
      wipe();
      print(stepLine(step, faultAt));
    },
    onWait: (what, leftMs) => {
      wipe();
      if (isTTY)
        process.stderr.write(`waiting for ${what}, ${length(1000 * Math.round(leftMs / 1000))} left`);
    },
  };
}

/** The broker as it is reached from the same machine. */
function brokerOf({ mqtt: { host, port } }: CollectorConfig): string {
  if (host === '0.0.0.0' || host === '::') return `mqtt://localhost:${port}`;
  return `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
