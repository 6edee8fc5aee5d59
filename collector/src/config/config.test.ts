import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@headcount/shared';
import { expect, onTestFinished, test } from 'vitest';
import { isTimeZone } from '../schema/sites.js';
import { loadConfig, storePlace } from './config.js';

function load(text: string, env: NodeJS.ProcessEnv = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'collector.yaml');
  writeFileSync(file, text);
  return loadConfig(file, env);
}

test('an empty file is a whole configuration, and it listens on this machine only', () => {
  expect(load('')).toEqual({
    dataDir: '/var/lib/headcount-collector',
    database: {},
    databaseUrl: undefined,
    redis: {},
    redisUrl: undefined,
    retention: { minuteDays: 400, quarterDays: 1100, eventDays: 400, hostDays: 30, deadLetterDays: 90 },
    http: { host: '127.0.0.1', port: 8080 },
    mqtt: { host: '127.0.0.1', port: 1883, maxConnections: 2000 },
    tls: { names: [] },
    notify: { weeklyTest: [], announce: [] },
    notifySecrets: {},
    timeZone: 'UTC',
    logLevel: 'info',
  });
});

test('every problem is named at once', () => {
  try {
    load('http:\n  port: 99999\n  prot: 1\nmqtt:\n  maxConnections: 0\ntimeZone: Berlin\n');
    expect.unreachable('it was taken');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { problems } = error as ConfigError;
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).toMatch(/http\.port \(line 2\)/);
    expect(problems.join('\n')).toMatch(/prot/);
    expect(problems.join('\n')).toMatch(/mqtt\.maxConnections \(line 5\)/);
    expect(problems.join('\n')).toMatch(/timeZone \(line 6\): is no time zone of the IANA database/);
  }
});

test('TLS listeners are named to be opened, and are for everybody unless told otherwise', () => {
  expect(
    load('https: {}\nmqtts: {}\ntls: { names: [collector.example, 192.0.2.1, "2001:db8::1"] }'),
  ).toMatchObject({
    https: { host: '0.0.0.0', port: 8443 },
    mqtts: { host: '0.0.0.0', port: 8883 },
    tls: { names: ['collector.example', '192.0.2.1', '2001:db8::1'] },
  });
  expect(() => load('tls: { names: ["https://collector"] }')).toThrow(/tls\.names\[0\] \(line 1\)/);
  expect(() => load('tls: { keyFile: server.key }')).toThrow(/needs the other one of certFile and keyFile/);
});

test.each([
  ['Asia/Ho_Chi_Minh', true],
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Mars/Olympus', false],
  ['+07:00', false],
  ['', false],
])('%s as a time zone: %s', (name, known) => {
  expect(isTimeZone(name)).toBe(known);
});

test('the database is a file unless the environment or a file names a server, and no message repeats the password', () => {
  const url = 'postgres://headcount:s3cret@db/headcount';
  expect(storePlace(load('dataDir: /data'))).toBe('/data/collector.sqlite');
  expect(storePlace(load('', { DATABASE_URL: `${url}\n` }))).toBe(url);
  expect(() => load('database: { urlFile: /nowhere }')).toThrow(
    /database\.urlFile \(line 1\): \/nowhere cannot be read/,
  );
  expect(() => load('database: { urlFile: x }', { DATABASE_URL: url })).toThrow(/also given by DATABASE_URL/);
  try {
    load('', { DATABASE_URL: 'mysql://headcount:s3cret@db/headcount' });
    expect.unreachable('it was taken');
  } catch (error) {
    expect(String(error)).toMatch(/database\.urlFile.*is no URL of a PostgreSQL database/s);
    expect(String(error)).not.toContain('s3cret');
  }
});

test('announcements go to channels that a team reads, not to telephones', () => {
  const text = (kind: string) => `notify: { announce: [{ kind: ${kind}, address: "#ops" }] }`;
  expect(load(text('slack')).notify.announce).toEqual([{ kind: 'slack', address: '#ops', language: 'en' }]);
  expect(() => load(text('voice'))).toThrow(/notify\.announce\[0\]\.kind/);
});

test('a channel of notifications needs its secret, from a file or the environment, and no message repeats it', () => {
  const text = 'notify: { publicUrl: "https://collector.example/", email: { from: a@b.example }, slack: {} }';
  const env = { SMTP_URL: 'smtp://u:s3cret@mail', SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/x' };
  expect(load(text, env)).toMatchObject({
    notify: { publicUrl: 'https://collector.example' },
    notifySecrets: { smtpUrl: env.SMTP_URL, slackWebhookUrl: env.SLACK_WEBHOOK_URL },
  });
  // Variables of other programs are left alone where there is no section.
  expect(load('', { SMTP_URL: 'nonsense' }).notifySecrets).toEqual({});
  expect(() => load(text)).toThrow(
    /notify\.email\.urlFile \(line 1\): missing; name a file here or set SMTP_URL/,
  );
  expect(() => load(text)).toThrow(/notify\.slack \(line 1\): has no way in/);
  try {
    load(text, { ...env, SMTP_URL: 'http://u:s3cret@mail' });
    expect.unreachable('it was taken');
  } catch (error) {
    expect(String(error)).toMatch(/put in a URL such as smtps:/);
    expect(String(error)).not.toContain('s3cret');
  }
});
