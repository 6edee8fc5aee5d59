import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import mqtt, { type IClientOptions } from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { keepCertificate, revokeCertificates } from '../src/fleet/certificates.js';
import { Authority } from '../src/pki/authority.js';
import { attempt } from './_util/attempt.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { enrolGateway, newDevice, rootOf, type TestDevice } from './_util/enrolment.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const YEAR_MS = 365 * 24 * 3_600_000;

function withCertificate(
  collector: TestCollector,
  name: string,
  { cert, key }: { cert: string; key: string },
): IClientOptions {
  return { clientId: name, username: name, cert, key, ca: rootOf(collector) };
}

async function issued(
  authority: Authority,
  device: TestDevice,
  { name, now }: { name: string; now: number },
) {
  return authority.issueClient(name, device.request, now);
}

test('keys are made on the first start, are readable by their owner only, and stay', async () => {
  const collector = await startCollector({ secure: true });
  const folder = join(collector.config.dataDir, 'pki');
  expect(readdirSync(folder).sort()).toEqual(['authority.pem', 'server.pem']);
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  const before = rootOf(collector);
  await collector.stop();
  await collector.start();
  expect(rootOf(collector)).toBe(before);
});

test('two processes that make the authority at once get the same one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-pki-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const both = await Promise.all([Authority.open(folder, Date.now()), Authority.open(folder, Date.now())]);
  expect(both[0].pem).toBe(both[1].pem);
  expect(readdirSync(folder)).toEqual(['authority.pem']);
});

test('a gateway logs in with its certificate and without a password, and its counts are stored', async () => {
  const collector = await startCollector({ secure: true });
  const lobby = await enrolGateway(collector, 'lobby');
  const client = await mqtt.connectAsync(collector.mqttsUrl, {
    ...withCertificate(collector, 'lobby', lobby),
    reconnectPeriod: 0,
  });
  onTestFinished(() => client.endAsync(true));
  const gateway = new TestGateway('lobby', client, crypto.randomUUID());
  await client.subscribeAsync('headcount/v1/lobby/receipt', { qos: 1 });
  expect((await gateway.deliver(1, [countRecord(Date.UTC(2026, 0, 1))])).storedUpTo).toBe(1);
  // Its certificate opens its own root only.
  client.publish('headcount/v1/gate/records', '{}', { qos: 1 });
  await until(() => !client.connected || undefined, 'the end of the connection');
  expect(collector.logs.matching(/publish refused/)).toMatchObject([{ peer: 'lobby' }]);
});

test('a gateway with a password logs in over TLS as before', async () => {
  const collector = await startCollector({ secure: true });
  const password = await collector.addGateway('gate');
  const login = { clientId: 'gate', username: 'gate', ca: rootOf(collector) };
  expect(await attempt(collector.mqttsUrl, { ...login, password })).toBe('accepted');
  expect(await attempt(collector.mqttsUrl, { ...login, password: 'wrong' })).toMatch(
    /Bad username or password/,
  );
  expect(await attempt(collector.mqttsUrl, login)).toMatch(/Bad username or password/);
  // Who does not know the root does not connect.
  expect(await attempt(collector.mqttsUrl, { ...login, ca: [], password })).toMatch(/certificate/);
});

test('a certificate of somebody else, of another authority, revoked, expired or unknown opens nothing', async () => {
  const collector = await startCollector({ secure: true });
  const lobby = await enrolGateway(collector, 'lobby');
  const gate = await enrolGateway(collector, 'gate');
  const now = Date.now();
  const own = await Authority.open(join(collector.config.dataDir, 'pki'), now);
  const elsewhere = mkdtempSync(join(tmpdir(), 'headcount-pki-'));
  onTestFinished(() => rmSync(elsewhere, { recursive: true }));
  const foreign = await Authority.open(elsewhere, now);
  const device = await newDevice();
  const expired = await issued(own, device, { name: 'lobby', now: now - 2 * YEAR_MS });
  const unknown = await issued(own, device, { name: 'lobby', now });
  const stranger = await issued(foreign, device, { name: 'lobby', now });
  await collector.withStore((store) => keepCertificate(store, 'lobby', expired, 'x'));
  const password = await collector.addGateway('cellar');
  const { key } = device;
  const refusals: [string, IClientOptions, RegExp][] = [
    [
      'another name',
      withCertificate(collector, 'lobby', gate),
      /the client id must be the name in the certificate/,
    ],
    [
      'another authority',
      withCertificate(collector, 'lobby', { cert: stranger.pem, key }),
      /of another authority/,
    ],
    ['expired', withCertificate(collector, 'lobby', { cert: expired.pem, key }), /has expired/],
    ['never kept', withCertificate(collector, 'lobby', { cert: unknown.pem, key }), /certificate is unknown/],
    [
      'a bad one beside a right password',
      { ...withCertificate(collector, 'cellar', { cert: stranger.pem, key }), password },
      /of another authority/,
    ],
  ];
  for (const [name, options, problem] of refusals) {
    expect(await attempt(collector.mqttsUrl, options), name).toMatch(/Connection refused/);
    expect(collector.logs.lines.at(-1)?.msg, name).toMatch(problem);
  }
  expect(await attempt(collector.mqttsUrl, withCertificate(collector, 'lobby', lobby))).toBe('accepted');
  await collector.withStore((store) => revokeCertificates(store, 'lobby', now));
  expect(await attempt(collector.mqttsUrl, withCertificate(collector, 'lobby', lobby))).toMatch(
    /Connection refused/,
  );
  expect(collector.logs.lines.at(-1)?.msg).toMatch(/was revoked/);
});

test('one connection too many and one packet too large end on the listener with TLS too', async () => {
  const collector = await startCollector({ secure: true, maxConnections: 2 });
  const { port } = new URL(collector.mqttsUrl);
  const open = () => tls.connect({ host: '127.0.0.1', port: Number(port), ca: rootOf(collector) });
  const [first, second] = [open(), open()];
  await Promise.all([once(first, 'secureConnect'), once(second, 'secureConnect')]);
  const third = open();
  // `once` would throw for the error that comes before the end.
  await new Promise<void>((resolve) => third.on('error', () => resolve()));
  expect(collector.logs.matching(/too many connections/)).toMatchObject([{ maxConnections: 2 }]);
  // A CONNECT that announces 100,000 bytes.
  first.write(Buffer.from([0x10, 0xa0, 0x8d, 0x06]));
  await once(first, 'close');
  expect(collector.logs.matching(/packet too large/)).toMatchObject([{ announcedBytes: 100_000 }]);
  second.destroy();
});
