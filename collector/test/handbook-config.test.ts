import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, readConfig } from '@headcount/shared';
import { expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { cameraSchema } from '../../agent/src/config/camera-config.js';
import { fileSchema as agentSchema } from '../../agent/src/config/config.js';
import { loadConfig } from '../src/config/config.js';
import { fleetFileSchema } from '../src/fleet-file/fleet-file.js';

const handbook = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../handbook/${path}`, import.meta.url)), 'utf8');
const deploy = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url)), 'utf8');

/** What the files of secrets hold that examples name, by the end of their names. */
const SECRETS: readonly (readonly [ending: string, text: string])[] = [
  ['smtp-url', 'smtps://user:password@mail.example'],
  ['webhook-url', 'https://hooks.example/x'],
  ['ping-url', 'https://watch.example/x'],
  ['bot-token', 'xoxb-0123456789'],
  ['database-url', 'postgres://headcount:password@db.example/headcount'],
  ['redis-url', 'redis://:password@redis.example:6379'],
  ['', 'x'.repeat(64)],
];

/** What a gateway may be asked for: only what differs from its own file; "preset" and "host" are the collector's. */
const wishes = z.strictObject({
  cameras: z
    .array(
      z.strictObject({
        ...z.object(cameraSchema.shape).partial().shape,
        preset: z.string().optional(),
        host: z.string().optional(),
      }),
    )
    .optional(),
  detector: z.strictObject({ threshold: z.number() }).optional(),
  logLevel: z.string().optional(),
});
const fleetSchema = fleetFileSchema.superRefine(({ gateways }, context) => {
  for (const { settings } of Object.values(gateways))
    for (const { message } of wishes.safeParse(settings ?? {}).error?.issues ?? [])
      context.addIssue({ code: 'custom', message });
});

/** What reads each file; examples are parts of it. @throws ConfigError */
const CHECKS: Readonly<Record<string, (example: string, folder: string) => void>> = {
  '/etc/headcount/collector.yaml': (example, folder) => {
    for (const [path] of example.matchAll(/(?<=File: )\/[\w./-]+/g)) {
      const [, secret = ''] = SECRETS.find(([ending]) => path.endsWith(ending)) ?? [];
      writeFileSync(join(folder, basename(path)), secret);
    }
    const file = join(folder, 'collector.yaml');
    writeFileSync(file, example.replaceAll(/(?<=File: )\/etc\/headcount/g, folder));
    loadConfig(file, {});
  },
  '/etc/headcount/agent.yaml': (example, folder) => {
    const file = join(folder, 'agent.yaml');
    writeFileSync(file, stringify({ ...parse(deploy('agent.example.yaml')), ...parse(example) } as object));
    readConfig(file, agentSchema);
  },
  'fleet.yaml': (example, folder) => {
    const file = join(folder, 'fleet.yaml');
    writeFileSync(file, example);
    readConfig(file, fleetSchema);
  },
};

/** @throws ConfigError, or Error for an example that names no file */
function check(example: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-guide-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [first = ''] = example.split('\n', 1);
  const read = CHECKS[first.replace('# ', '')];
  if (read === undefined) throw new Error(`the first line must name the file, not: ${first}`);
  read(example, folder);
}

test.each(['en', 'vi'])(
  'every example of the configuration guide is one that the programs take: %s',
  (language) => {
    const examples = [
      ...handbook(`${language}/guides/configuration.md`).matchAll(/^```yaml\n([^]*?)^```$/gm),
    ];
    expect(examples.length).toBeGreaterThan(10);
    for (const [, example = ''] of examples) check(example);
  },
);

test.each([
  ['an unknown key of the collector', '# /etc/headcount/collector.yaml\nhttps: { prot: 8443 }\n', /prot/],
  ['a value that is wrong', '# /etc/headcount/collector.yaml\nretention: { minuteDays: 3 }\n', /minuteDays/],
  ['an unknown key of the agent', '# /etc/headcount/agent.yaml\nstatus: { prot: 8686 }\n', /prot/],
  [
    'an unknown key of a camera',
    '# fleet.yaml\ngateways: { a: { site: b, settings: { cameras: [{ id: c, fsp: 8 }] } } }\n',
    /fsp/,
  ],
  ['an unknown key of a site', '# fleet.yaml\nsites: { a: { timeZone: UTC, closing: never } }\n', /closing/],
  ['no file', 'https: {}\n', /must name the file/],
])('the check finds %s', (_, example, message) => {
  const problems = () => {
    try {
      check(example);
    } catch (error) {
      throw error instanceof ConfigError ? new Error(error.problems.join('\n'), { cause: error }) : error;
    }
  };
  expect(problems).toThrow(message);
});
