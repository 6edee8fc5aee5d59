import { expect, test } from 'vitest';
import { gatewaySecrets, renewGatewayPassword } from '../src/fleet/credentials.js';
import { madeCodeSchema, passwordSchema } from '../src/schema/credentials.js';
import { secretMatches } from '../src/security/secrets.js';
import { attempt } from './_util/attempt.js';
import { startCollector } from './_util/collector.js';
import { enrolGateway, rootOf } from './_util/enrolment.js';
import { TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const HOUR = 3_600_000;
const login = (password: string) => ({ clientId: 'lobby', username: 'lobby', password });
const gone = (gateway: TestGateway) => until(() => !gateway.client.connected || undefined, 'the end');

test('a password that is replaced counts until its time is over, and one that was lost ends at once', async () => {
  const collector = await startCollector();
  const first = await collector.addGateway('lobby');
  const now = Date.now();
  const renew = (overlap: number) =>
    collector.withStore((store) => renewGatewayPassword(store, 'lobby', overlap, now));
  const second = await renew(HOUR);
  expect(await attempt(collector.mqttUrl, login(first))).toBe('accepted');
  expect(await attempt(collector.mqttUrl, login(second))).toBe('accepted');
  const counts = (password: string, at: number) =>
    collector.withStore(async (store) =>
      (await gatewaySecrets(store, at, 'lobby')).get('lobby')?.some((hash) => secretMatches(password, hash)),
    );
  expect([await counts(first, now + HOUR - 1), await counts(first, now + HOUR)]).toEqual([true, false]);
  expect(await counts(second, now + HOUR)).toBe(true);
  const third = await renew(0);
  for (const old of [first, second])
    expect(await attempt(collector.mqttUrl, login(old))).toContain('refused');
  expect(await attempt(collector.mqttUrl, login(third))).toBe('accepted');
});

test('a connection ends with the password that it was made with, and its neighbour stays', async () => {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby');
  const lobby = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  const other = await TestGateway.connect(collector.mqttUrl, 'other', await collector.addGateway('other'));
  const cookie = await collector.logIn();
  const ask = (path: string, body?: object) =>
    collector.post(`/api/v1/gateways/${path}`, body ?? {}, { cookie });
  const renewed = await ask('lobby/password', { overlapHours: 1 });
  const next = passwordSchema.parse(await renewed.json()).password;
  // Its password still counts for an hour.
  expect(lobby.client.connected).toBe(true);
  expect((await ask('lobby/password', { overlapHours: 0 })).status).toBe(201);
  await gone(lobby);
  expect(await attempt(collector.mqttUrl, login(next))).toContain('refused');
  expect(other.client.connected).toBe(true);
  expect(collector.logs.lines.some(({ msg }) => msg.includes('its password does not count any more'))).toBe(
    true,
  );
  expect((await ask('nowhere/revoke')).status).toBe(404);
});

test('a stolen box is shut out by all its ways, and another box enrols in its place', async () => {
  const collector = await startCollector({ secure: true });
  const cookie = await collector.logIn();
  const ask = (path: string, body: object) => collector.post(`/api/v1/gateways/${path}`, body, { cookie });
  const code = async () =>
    madeCodeSchema.parse(await (await ask('lobby/enrolment-codes', { site: 'shop' })).json());
  const made = await code();
  expect(made.command).toBe(
    `headcount-agent enroll https://localhost:${new URL(collector.httpsUrl).port} ${made.code}`,
  );
  expect(made.expiresAt - Date.now()).toBeGreaterThan(23 * HOUR);
  const box = await enrolGateway(collector, 'lobby');
  const options = { clientId: 'lobby', cert: box.cert, key: box.key, ca: rootOf(collector) };
  expect(await attempt(collector.mqttsUrl, options)).toBe('accepted');
  const unused = await code();
  const revoked = await ask('lobby/revoke', {});
  expect(await revoked.json()).toEqual({ certificates: 1 });
  expect(await attempt(collector.mqttsUrl, options)).not.toBe('accepted');
  const left = await collector.withStore((store) =>
    store.selectFrom('enrolment_code').selectAll().where('used_at', 'is', null).execute(),
  );
  expect([unused.code.length, left]).toEqual([made.code.length, []]);
  const another = await enrolGateway(collector, 'lobby');
  expect(await attempt(collector.mqttsUrl, { ...options, cert: another.cert, key: another.key })).toBe(
    'accepted',
  );
});

test('without TLS listeners there are no codes, and the answer says what is missing', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const answer = await collector.post('/api/v1/gateways/lobby/enrolment-codes', {}, { cookie });
  expect(answer.status).toBe(409);
  expect(((await answer.json()) as { detail: string }).detail).toContain('add "https: {}" and "mqtts: {}"');
});
