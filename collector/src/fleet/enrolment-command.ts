import { InvalidArgumentError, type Command, type Option } from 'commander';
import { recorded } from '../audit-log/audit-log.js';
import { locally } from '../audit-log/command-line.js';
import type { CollectorConfig } from '../config/config.js';
import { openPki, rootFingerprint } from '../pki/open.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { revokeGateway } from './credentials.js';
import { makeEnrolmentCode } from './enrolment.js';

const HOUR_MS = 3_600_000;
const UNIT_MS: Record<string, number> = { m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS };
const LONGEST_MS = 30 * 24 * HOUR_MS;

/** What the command line lends to these commands. */
export interface CommandParts {
  readonly config: () => Option;
  readonly slug: (text: string) => string;
  readonly zone: (text: string) => string;
  readonly withStore: (
    file: string,
    work: (store: Store, config: CollectorConfig) => Promise<void>,
  ) => Promise<void>;
  readonly print: (line: string) => void;
}

interface CodeOptions {
  readonly config: string;
  readonly site?: string;
  readonly timeZone?: string;
  readonly valid: number;
  readonly json?: true;
}

/** `gateway enroll-code` and `gateway revoke`. */
export function addEnrolmentCommands(gateway: Command, parts: CommandParts): void {
  const { config, slug, zone, withStore, print } = parts;
  gateway
    .command('enroll-code')
    .description('print a one-time code with which a gateway enrols; a gateway that is new is added')
    .argument('<name>', 'name of the gateway', slug)
    .option('--site <name>', 'site of a new gateway (default: main)', slug)
    .option('--time-zone <zone>', 'IANA zone of a new site (default: timeZone of the configuration)', zone)
    .option('--valid <time>', 'how long the code works: 30m, 24h or 7d', duration, 24 * HOUR_MS)
    .option('--json', 'print {"name","code","expiresAt"}')
    .addOption(config())
    .action((name: string, options: CodeOptions) =>
      withStore(options.config, async (store, loaded) => {
        for (const line of await enrollCode(store, loaded, name, options)) print(line);
      }),
    );
  gateway
    .command('revoke')
    .description(
      'end everything that a gateway logs in with; within 10 s it is disconnected and stays out until it enrols again',
    )
    .argument('<name>', 'name of the gateway', slug)
    .addOption(config())
    .action((name: string, options: { config: string }) =>
      withStore(options.config, async (store) => {
        const now = Date.now();
        const revoked = await recorded(store, locally('gateway.revoke', name), now, (trx) =>
          revokeGateway(trx, name, now),
        );
        print(
          `gateway ${name}: ${revoked} certificate${revoked === 1 ? '' : 's'} revoked, its password opens nothing any more`,
        );
      }),
    );
}

async function enrollCode(
  store: Store,
  config: CollectorConfig,
  name: string,
  options: CodeOptions,
): Promise<string[]> {
  if (config.https === undefined || config.mqtts === undefined)
    throw new ProblemError(
      409,
      'enrolment needs TLS: add "https: {}" and "mqtts: {}" to the configuration and start the collector again',
    );
  const now = Date.now();
  const { site, timeZone, valid: validMs, json } = options;
  const fingerprint = rootFingerprint(await openPki(config, now));
  const offer = { name, site, timeZone, validMs, fingerprint };
  const context = { defaultTimeZone: config.timeZone, now };
  const entry = locally('enrolment.code', name, `until ${new Date(now + validMs).toISOString()}`);
  const { code, expiresAt } = await recorded(store, entry, now, (trx) =>
    makeEnrolmentCode(trx, offer, context),
  );
  if (json) return [JSON.stringify({ name, code, expiresAt })];
  const host = config.tls.names[0] ?? 'localhost';
  return [
    `gateway ${name}, enrolment code ${code} (shown this once, works once, until ${new Date(expiresAt).toISOString()})`,
    `on the gateway: headcount-agent enroll https://${host}:${config.https.port} ${code}`,
  ];
}

/** A time as people write it on the command line: 30m, 24h or 7d, to ms. */
export function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? 0);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new InvalidArgumentError('must be minutes, hours or days up to 30d, such as 24h.');
}
