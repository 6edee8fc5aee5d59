import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { codeFingerprint } from '@headcount/shared';
import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import type { Broker } from '../src/broker/broker.js';
import type { CollectorConfig } from '../src/config/config.js';
import { Authority } from '../src/pki/authority.js';
import { openPki, rootFingerprint } from '../src/pki/open.js';
import { SecureSide } from '../src/secure-side.js';
import { LogBook } from './_util/logs.js';

const DAY_MS = 24 * 3_600_000;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-pki-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** HTTPS alone: the broker's listener is told of a new certificate in the same way. */
async function startSide(
  clock: { now: number },
  wanted: Partial<CollectorConfig['tls']>,
  dataDir = newFolder(),
) {
  const config: CollectorConfig = {
    dataDir,
    http: { host: '127.0.0.1', port: 0 },
    https: { host: '127.0.0.1', port: 0 },
    mqtt: { host: '127.0.0.1', port: 0, maxConnections: 10 },
    tls: { names: [], ...wanted },
    timeZone: 'UTC',
    logLevel: 'debug',
    database: {},
    retention: { minuteDays: 400, quarterDays: 1100, eventDays: 400, hostDays: 30, deadLetterDays: 90 },
    databaseUrl: undefined,
    redis: {},
    redisUrl: undefined,
    notify: { weeklyTest: [], announce: [] },
    notifySecrets: {},
  };
  const logs = new LogBook();
  const side = await SecureSide.open(config, { logger: logs.logger, now: () => clock.now });
  if (side === undefined) throw new Error('no TLS side');
  const app = Fastify();
  await app.ready();
  const [url = ''] = await side.start({ app, broker: undefined as unknown as Broker });
  onTestFinished(() => side.stop());
  return { side, logs, config, dataDir, port: Number(new URL(url).port) };
}

function derOf(pem: string): Uint8Array {
  return new X509Certificate(pem).raw;
}

/** The certificate that a listener shows to somebody who checks it in full. */
async function shown(port: number, ca: string, servername = 'localhost'): Promise<X509Certificate> {
  const socket = tls.connect({ host: '127.0.0.1', port, ca, servername });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}

test('the certificate is renewed while the listener runs, when less than a third of its life is left', async () => {
  // Ends today: the client below looks at the real clock.
  const clock = { now: Date.now() - 62 * DAY_MS };
  const { side, logs, dataDir, port } = await startSide(clock, { names: ['collector.example'] });
  const { pem } = await Authority.open(join(dataDir, 'pki'), clock.now);
  const first = await shown(port, pem, 'collector.example');
  expect(first.subjectAltName).toBe(
    'DNS:collector.example, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  );
  clock.now += 59 * DAY_MS;
  await side.refresh();
  expect((await shown(port, pem)).serialNumber).toBe(first.serialNumber);
  clock.now += 3 * DAY_MS;
  await side.refresh();
  const second = await shown(port, pem);
  expect(second.serialNumber).not.toBe(first.serialNumber);
  expect(Date.parse(second.validTo) - clock.now).toBeGreaterThan(89 * DAY_MS);
  expect(logs.matching(/show another certificate/)).toHaveLength(1);
});

test('another name in the configuration makes another certificate; the authority stays', async () => {
  const clock = { now: Date.now() };
  const first = await startSide(clock, {});
  const { pem } = await Authority.open(join(first.dataDir, 'pki'), clock.now);
  const before = await shown(first.port, pem);
  const same = await startSide(clock, {}, first.dataDir);
  expect((await shown(same.port, pem)).serialNumber).toBe(before.serialNumber);
  const renamed = await startSide(clock, { names: ['192.0.2.1'] }, first.dataDir);
  expect((await shown(renamed.port, pem)).subjectAltName).toMatch(/^IP Address:192\.0\.2\.1, /);
});

test('given files are shown, read again when they change, and a broken one keeps the last good', async () => {
  const clock = { now: Date.now() };
  const folder = newFolder();
  const theirs = await Authority.open(join(folder, 'theirs'), clock.now);
  const [certFile, keyFile] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  const give = async () => {
    const { certificate, key } = await theirs.issueServer(['localhost'], clock.now);
    writeFileSync(certFile, certificate + theirs.pem);
    writeFileSync(keyFile, key);
  };
  await give();
  const { side, logs, config, port } = await startSide(clock, { certFile, keyFile });
  // Codes name the root of these files, not our own.
  expect(rootFingerprint(await openPki(config, clock.now))).toBe(codeFingerprint(derOf(theirs.pem)));
  const first = await shown(port, theirs.pem);
  await give();
  await side.refresh();
  const second = await shown(port, theirs.pem);
  expect(second.serialNumber).not.toBe(first.serialNumber);
  writeFileSync(keyFile, 'nonsense');
  logs.expectError(/could not be renewed/);
  await side.refresh();
  expect((await shown(port, theirs.pem)).serialNumber).toBe(second.serialNumber);
  expect(logs.matching(/could not be renewed/)).toHaveLength(1);
});

test('given files without their root, with a foreign key or not there at all are refused in words', async () => {
  const clock = { now: Date.now() };
  const folder = newFolder();
  const theirs = await Authority.open(join(folder, 'theirs'), clock.now);
  const [certFile, keyFile] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  await expect(startSide(clock, { certFile, keyFile })).rejects.toThrow(/server\.crt cannot be read/);
  const { certificate, key } = await theirs.issueServer(['localhost'], clock.now);
  writeFileSync(certFile, certificate);
  writeFileSync(keyFile, key);
  await expect(startSide(clock, { certFile, keyFile })).rejects.toThrow(/must be the root .* append it/);
  writeFileSync(certFile, certificate + theirs.pem);
  writeFileSync(keyFile, (await theirs.issueServer(['localhost'], clock.now)).key);
  await expect(startSide(clock, { certFile, keyFile })).rejects.toThrow(/tls\.keyFile is another key/);
});

test('a damaged authority is never replaced by a new one', async () => {
  const folder = newFolder();
  await Authority.open(folder, Date.now());
  writeFileSync(join(folder, 'authority.pem'), 'damaged');
  await expect(Authority.open(folder, Date.now())).rejects.toThrow(/restore it from a backup/);
});
