import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { ConfigError, editConfig, peekConfig, writeFileAtomically } from '@headcount/shared';
import { InvalidArgumentError, type Command, type Option } from 'commander';
import { DEFAULT_DATA_DIR } from '../config/config.js';
import { enroll, forgetAttempt, type Enrolled } from './enroll.js';
import { EnrolmentError } from './errors.js';

/** Mode of a configuration file that is made here: it names files with secrets but holds none. */
const CONFIG_MODE = 0o640;

interface EnrollCommandOptions {
  readonly config: string;
  readonly dir?: string;
  readonly again?: true;
}

/** `enroll`: from a fresh box and a code to a gateway that may connect. */
export function addEnrollCommand(root: Command, config: () => Option, print: (line: string) => void): void {
  root
    .command('enroll')
    .description('make this device a gateway of a collector; then "run" connects with its own certificate')
    .argument('<collector-url>', 'https://host:port of the collector', collectorUrl)
    .argument('[code]', 'one-time code of "headcount-collector gateway enroll-code"; asked for when left out')
    .addOption(config())
    .option('--dir <folder>', 'folder for key and certificates (default: "enrolment" in the data folder)')
    .option('--again', 'enrol a device that has enrolled already; the collector revokes the old certificate')
    .action(async (url: string, code: string | undefined, options: EnrollCommandOptions) => {
      for (const line of await runEnroll(url, code ?? (await askCode()), options)) print(line);
    });
}

async function runEnroll(url: string, code: string, options: EnrollCommandOptions): Promise<string[]> {
  const file = options.config;
  const exists = existsSync(file);
  const text = exists ? readFileSync(file, 'utf8') : '';
  checkEditable(file, text);
  if (peekConfig(text, ['collector', 'certFile']) !== undefined && options.again !== true) {
    const name = peekConfig(text, ['gateway']) ?? 'a gateway';
    throw new EnrolmentError(
      `${file} says that this device has enrolled as "${name}"; --again enrols it anew`,
    );
  }
  const dataDir = peekConfig(text, ['dataDir']) ?? DEFAULT_DATA_DIR;
  const folder = options.dir ?? join(dataDir, 'enrolment');
  const enrolled = await enroll({ url, code, dataDir, folder });
  writeConfig(file, withEnrolment(text, url, enrolled), exists ? statSync(file).mode & 0o777 : CONFIG_MODE);
  forgetAttempt(folder);
  const { gateway, site } = enrolled;
  return [
    `enrolled as gateway ${gateway} of site ${site.name} (${site.timeZone}); ${file} connects with its certificate now`,
    exists
      ? 'a running agent takes it up when it is restarted'
      : `next: add the status page and the cameras to ${file} and look at it with "headcount-agent check-config"`,
  ];
}

function writeConfig(file: string, text: string, mode: number): void {
  try {
    writeFileAtomically(file, text, mode);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new EnrolmentError(
      `${file} cannot be written (${words}); try again as root, the same code still works`,
      {
        cause,
      },
    );
  }
}

/** Before the code is used up. */
function checkEditable(file: string, text: string): void {
  try {
    editConfig(text, []);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(file, [`not valid YAML: ${words}; mend it, then enrol`], { cause });
  }
}

function withEnrolment(text: string, url: string, { gateway, brokerUrl, files }: Enrolled): string {
  return editConfig(text, [
    [['gateway'], gateway],
    [['collector', 'url'], brokerUrl],
    [['collector', 'httpsUrl'], url],
    [['collector', 'passwordFile'], undefined],
    [['collector', 'caFile'], files.caFile],
    [['collector', 'certFile'], files.certFile],
    [['collector', 'keyFile'], files.keyFile],
  ]);
}

/** Typed or piped, so that it stands in no list of processes. */
async function askCode(): Promise<string> {
  if (process.stdin.isTTY) process.stdout.write('Enrolment code: ');
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return '';
}

function collectorUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.pathname === '/' && url.search === '' && url.username === '' && url.hash === '';
  if (url?.protocol !== 'https:' || !plain)
    throw new InvalidArgumentError('must be https://host:port of the collector.');
  return url.origin;
}
