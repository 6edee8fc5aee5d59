#!/usr/bin/env node
import { once } from 'node:events';
import { ConfigError, loggerOptions, readConfig, slugSchema } from '@headcount/shared';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { z } from 'zod';
import { recorded } from './audit-log/audit-log.js';
import { commandLineActor, locally } from './audit-log/command-line.js';
import { loadConfig, storePlace, type CollectorConfig } from './config/config.js';
import { addDrillCommand } from './drill/drill-command.js';
import { DrillRefusedError } from './drill/refused-error.js';
import { ErrorLines } from './error-groups/error-lines.js';
import { renewGatewayPassword } from './fleet/credentials.js';
import { desiredOf, putDesired, reportedOf, restoreDesired } from './fleet/desired.js';
import { addEnrolmentCommands, duration } from './fleet/enrolment-command.js';
import { addGateway } from './fleet/fleet.js';
import { gatewayOverview } from './fleet/overview.js';
import { changeSite } from './fleet/sites.js';
import { addFleetCommands } from './fleet-file/fleet-command.js';
import { closingTimeSchema, timeZoneSchema } from './schema/sites.js';
import { addPeopleCommands } from './security/people-command.js';
import { openStore, type Queryable, type Store } from './store/store.js';
import { collectorVersion } from './version.js';

/** Exit codes: 0 fine, 1 failed, 2 wrong usage or configuration. */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** A stop that takes longer is ended by force (ms). */
const HARD_STOP_MS = 15_000;

const config = () =>
  new Option('-c, --config <file>', 'configuration file')
    .env('HEADCOUNT_COLLECTOR_CONFIG')
    .default('/etc/headcount/collector.yaml');

/** An argument that must fit a schema. */
function fits(schema: z.ZodType<string>): (value: string) => string {
  return (value) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'is wrong');
    return parsed.data;
  };
}

const slug = fits(slugSchema);
const zone = fits(timeZoneSchema);
const closingTime = fits(closingTimeSchema);

interface GatewayAddOptions {
  readonly config: string;
  readonly site: string;
  readonly timeZone?: string;
  readonly newPassword?: true;
  /** ms */
  readonly overlap: number;
  readonly json?: true;
}

function program(): Command {
  const root = new Command('headcount-collector')
    .description('MQTT broker, store and console of Headcount.')
    .version(collectorVersion(), '--version')
    .exitOverride()
    .showHelpAfterError('(headcount-collector --help lists the commands)');
  root
    .command('run')
    .description(
      'serve gateways and people until stopped by SIGTERM or SIGINT; SIGHUP reads the certificates again',
    )
    .addOption(config())
    .action((options: { config: string }) => run(options.config));
  root
    .command('check-config')
    .description('check the configuration and name every problem')
    .addOption(config())
    .action((options: { config: string }) => {
      loadConfig(options.config);
      print(`${options.config} is fine`);
    });
  root
    .command('version')
    .description('print the version')
    .action(() => print(collectorVersion()));
  gatewayConfigCommand(gatewayCommands(root));
  siteCommands(root);
  addPeopleCommands(root, { config, withStore, print });
  addFleetCommands(root, { config, withStore, print });
  addDrillCommand(root, { config, withStore, print });
  return root;
}

function gatewayCommands(root: Command): Command {
  const gateway = root.command('gateway').description('gateways that may connect');
  gateway
    .command('add')
    .description('add a gateway and print its password, which is shown this once')
    .argument('<name>', 'name of the gateway', slug)
    .option('--site <name>', 'site that it belongs to', slug, 'main')
    .option('--time-zone <zone>', 'IANA zone of a new site (default: timeZone of the configuration)', zone)
    .option('--new-password', 'give a gateway that exists another password')
    .option(
      '--overlap <time>',
      'with --new-password: how long the old password still counts, such as 24h; for a lost one leave it out',
      duration,
      0,
    )
    .option('--json', 'print {"name","password"}')
    .addOption(config())
    .action((name: string, options: GatewayAddOptions) =>
      withStore(options.config, async (store, { timeZone: defaultTimeZone }) => {
        const { site, timeZone, newPassword, overlap, json } = options;
        const now = Date.now();
        const action = newPassword ? 'gateway.password' : 'gateway.add';
        const password = await recorded(store, locally(action, name), now, (trx) =>
          newPassword
            ? renewGatewayPassword(trx, name, overlap, now)
            : addGateway(trx, { name, site, timeZone }, { defaultTimeZone, now }),
        );
        print(
          json
            ? JSON.stringify({ name, password })
            : `gateway ${name}, password ${password} (shown this once)`,
        );
      }),
    );
  addEnrolmentCommands(gateway, { config, slug, zone, withStore, print });
  gateway
    .command('list')
    .description('print every gateway')
    .addOption(config())
    .action((options: { config: string }) =>
      withStore(options.config, async (store) => {
        for (const { name, site, status, version } of await gatewayOverview(store)) {
          print([name, site.name, status, version ?? '-'].join('\t'));
        }
      }),
    );
  return gateway;
}

interface GatewayConfigOptions {
  readonly config: string;
  readonly file?: string;
  readonly restore?: number;
}

/** What the options ask for; undefined where they only ask to be shown. */
function configChange(
  name: string,
  { file, restore }: Omit<GatewayConfigOptions, 'config'>,
): { action: string; run: (trx: Queryable) => Promise<number> } | undefined {
  const by = { author: commandLineActor(), at: Date.now() };
  if (restore !== undefined)
    return { action: 'desired.restore', run: (trx) => restoreDesired(trx, name, restore, by) };
  if (file === undefined) return undefined;
  const settings = readConfig(file, z.record(z.string(), z.unknown()));
  return { action: 'desired.put', run: (trx) => putDesired(trx, name, { settings, ...by }) };
}

function versionNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be the number of a version, such as 3.');
}

function gatewayConfigCommand(gateway: Command): void {
  gateway
    .command('config')
    .description('show what a gateway should be configured like and what it says, or change it')
    .argument('<name>', 'name of the gateway', slug)
    .option(
      '-f, --file <file>',
      'YAML file with the fields to change, laid over the file on the gateway; an empty file for that alone',
    )
    .option('--restore <version>', 'bring an earlier version back', versionNumber)
    .addOption(config())
    .action((name: string, { config: file, ...options }: GatewayConfigOptions) =>
      withStore(file, async (store) => {
        const change = configChange(name, options);
        if (change !== undefined) {
          const version = await recorded(
            store,
            (made: number) => locally(change.action, name, `version ${made}`),
            Date.now(),
            change.run,
          );
          print(
            `gateway ${name} is to be configured by version ${version}; see what it says with: config ${name}`,
          );
          return;
        }
        const [desired, reported] = [await desiredOf(store, name), await reportedOf(store, name)];
        print(stringify({ desired: desired ?? null, reported: reported ?? null }).trimEnd());
      }),
    );
}

function siteCommands(root: Command): void {
  root
    .command('site')
    .description('sites, which come with their first gateway')
    .command('set')
    .description('change a site')
    .argument('<name>', 'name of the site', slug)
    .requiredOption(
      '--closing-time <HH:MM>',
      'when nobody is inside any more, on the wall clock of the site; "never" for a site that does not close',
      (text: string) => (text === 'never' ? null : closingTime(text)),
    )
    .addOption(config())
    .action((name: string, options: { config: string; closingTime: string | null }) =>
      withStore(options.config, async (store) => {
        const detail = `closing time ${options.closingTime ?? 'none'}`;
        await recorded(store, locally('site.change', name, detail), Date.now(), (trx) =>
          changeSite(trx, name, { closingTime: options.closingTime }),
        );
        print(`site ${name} closes at ${options.closingTime ?? 'no time'}`);
      }),
    );
}

async function withStore(
  file: string,
  work: (store: Store, config: CollectorConfig) => Promise<void>,
): Promise<void> {
  const loaded = loadConfig(file);
  const store = await openStore(storePlace(loaded));
  try {
    await work(store, loaded);
  } finally {
    await store.destroy();
  }
}

/** Ten, as usual, are often all of the database's library; who reads a log wants to know who called it. */
const STACK_FRAMES = 30;

async function run(file: string): Promise<void> {
  Error.stackTraceLimit = STACK_FRAMES;
  const loaded = loadConfig(file);
  const errorLines = new ErrorLines();
  const logger = pino(
    loggerOptions('headcount-collector', loaded.logLevel),
    pino.multistream([
      { level: 'trace', stream: pino.destination({ fd: 2, sync: false }) },
      { level: 'error', stream: errorLines },
    ]),
  );
  // Here, so that the other commands need not wait until the whole collector is loaded.
  const { Collector } = await import('./collector.js');
  const collector = await Collector.create(loaded, logger, errorLines);
  try {
    const { httpUrl, mqttUrl, secureUrls, firstPassword } = await collector.start();
    if (firstPassword !== undefined)
      print(`first start: user admin, password ${firstPassword} (shown this once)`);
    process.on('SIGHUP', () => void collector.reload());
    // Before anybody is told: whoever reads the line may stop the program at once.
    const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    print(['listening', httpUrl, mqttUrl, ...secureUrls].join(' '));
    logger.info({ httpUrl, mqttUrl, secureUrls }, 'started');
    await stopped;
    logger.info('stopping');
    setTimeout(() => process.exit(EXIT_FAILED), HARD_STOP_MS).unref();
  } catch (error) {
    logger.fatal({ err: error }, 'cannot start');
    throw error;
  } finally {
    await collector.stop();
  }
  logger.info('stopped');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line for a person; the stack goes to the log of `run` only. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  process.stderr.write(`headcount-collector: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof ConfigError || error instanceof DrillRefusedError ? EXIT_USAGE : EXIT_FAILED;
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
