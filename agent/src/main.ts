#!/usr/bin/env node
import { once } from 'node:events';
import { ConfigError, EnrolmentCodeError, loggerOptions } from '@headcount/shared';
import { Command, CommanderError, Option } from 'commander';
import { pino, type Logger } from 'pino';
import { Agent } from './agent.js';
import { diagnosticsCommand } from './commands/diagnostics-command.js';
import { selfTestCommand } from './commands/self-test-command.js';
import { loadConfig } from './config/config.js';
import { ffmpegMajorVersion, probe } from './decoder/probe.js';
import { adviceInWords, streamAdvice, USUAL_NEED } from './decoder/stream-advice.js';
import { LogRing } from './diagnostics/log-ring.js';
import { addEnrollCommand } from './enrolment/command.js';
import { addEvaluateCommand } from './evaluate/command.js';
import { addInstallCommands } from './install/commands.js';
import { FileWatch } from './settings/file-watch.js';
import { addApplyUpdateCommand } from './update/command.js';
import { agentVersion } from './version.js';

/** Exit codes: 0 fine, 1 failed, 2 wrong usage or configuration. */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** A stop that takes longer is ended by force (ms); the outbox survives that. */
const HARD_STOP_MS = 20_000;

const config = () =>
  new Option('-c, --config <file>', 'configuration file')
    .env('HEADCOUNT_AGENT_CONFIG')
    .default('/etc/headcount/agent.yaml');

function program(): Command {
  const root = new Command('headcount-agent')
    .description('Counts people on cameras and keeps every count until the collector has stored it.')
    .version(agentVersion(), '--version')
    .exitOverride()
    .showHelpAfterError('(headcount-agent --help lists the commands)');
  root
    .command('run')
    .description('count until stopped by SIGTERM or SIGINT')
    .addOption(config())
    .option('--check-config', 'only check the configuration, then exit')
    .action(async (options: { config: string; checkConfig?: true }) =>
      options.checkConfig ? checkConfig(options.config) : run(options.config),
    );
  root
    .command('check-config')
    .description('check the configuration and name every problem')
    .addOption(config())
    .action((options: { config: string }) => checkConfig(options.config));
  root
    .command('probe')
    .description(
      'say what a camera sends; asks for HEADCOUNT_CAMERA_LOGIN="user:password" where one is needed',
    )
    .argument('<rtsp-url>', 'rtsp:// address without a password, or a video file')
    .action(runProbe);
  addEnrollCommand(root, config, print);
  root
    .command('self-test')
    .description('test the way to the collector step by step; exits 1 when a step is bad')
    .addOption(config())
    .option('--json', 'print the results as JSON')
    .action(async (options: { config: string; json?: true }) => {
      if (!(await selfTestCommand(options.config, options, print))) process.exitCode = EXIT_FAILED;
    });
  root
    .command('diagnostics')
    .description('write a file for support: configuration, state and log, without secrets and pictures')
    .addOption(config())
    .option('-o, --output <file>', 'the file to write; by default named by gateway and time')
    .action((options: { config: string; output?: string }) =>
      diagnosticsCommand(options.config, options, print),
    );
  addEvaluateCommand(root);
  addApplyUpdateCommand(root);
  addInstallCommands(root, config);
  root
    .command('version')
    .description('print the version')
    .action(() => print(agentVersion()));
  return root;
}

function checkConfig(file: string): void {
  const { version, cameras } = loadConfig(file, process.env);
  print(
    `${file} is fine: configuration ${version}, ${cameras.length} camera${cameras.length === 1 ? '' : 's'}`,
  );
}

async function run(file: string): Promise<void> {
  const loaded = loadConfig(file, process.env);
  const log = new LogRing();
  const destinations = [pino.destination({ fd: 2, sync: false }), log];
  const logger = pino(
    loggerOptions('headcount-agent', loaded.logLevel),
    // The logger's own level decides.
    pino.multistream(destinations.map((stream) => ({ stream, level: 'trace' as const }))),
  );
  const agent = await createAgent(loaded, logger, log);
  if (agent === undefined) return;
  const { statusUrl } = await agent.start();
  const stopWatching = followFile(file, agent, logger);
  print(`counting; status page ${statusUrl}`);
  logger.info({ statusUrl, cameras: loaded.cameras.length, configVersion: loaded.version }, 'started');
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  logger.info('stopping');
  setTimeout(() => process.exit(EXIT_FAILED), HARD_STOP_MS).unref();
  stopWatching();
  await agent.stop();
  logger.info('stopped');
}

/** Read the configuration again when its file changes and on SIGHUP, as daemons do; returns how to end that. */
function followFile(file: string, agent: Agent, logger: Logger): () => void {
  const reload = () => {
    agent
      .reloadConfig(() => loadConfig(file, process.env))
      .catch((error: unknown) => logger.error({ err: error }, 'the configuration could not be read again'));
  };
  const watch = new FileWatch({ file, onChange: reload, logger });
  watch.start();
  process.on('SIGHUP', reload);
  return () => {
    watch.stop();
    process.off('SIGHUP', reload);
  };
}

async function createAgent(
  loaded: Parameters<typeof Agent.create>[0],
  logger: Logger,
  log: LogRing,
): Promise<Agent | undefined> {
  try {
    return await Agent.create(loaded, logger, log);
  } catch (error) {
    logger.fatal({ err: error }, 'cannot start');
    throw error;
  }
}

async function runProbe(url: string): Promise<void> {
  const [user, ...password] = (process.env['HEADCOUNT_CAMERA_LOGIN'] ?? '').split(':');
  const credentials = user ? { user, password: password.join(':') } : undefined;
  const info = await probe({ url, credentials }, await ffmpegMajorVersion());
  print(`${info.codec}, ${info.width} x ${info.height} pixels, ${info.fps ?? 'unknown'} frames per second`);
  for (const advice of streamAdvice(info, USUAL_NEED)) print(`advice: ${adviceInWords(advice)}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line for a person; the stack goes to the log of `run` only. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  process.stderr.write(`headcount-agent: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof ConfigError || error instanceof EnrolmentCodeError ? EXIT_USAGE : EXIT_FAILED;
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
