import { randomUUID, sign } from 'node:crypto';
import { ENROL_PATH, enrolAnswerSchema, RENEW_PATH, renewAnswerSchema } from '@headcount/shared';
import mqtt from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { startCollector, type TestCollector } from './_util/collector.js';
import {
  enrolBody,
  enrolGateway,
  enrolmentCode,
  newDevice,
  post,
  rootOf,
  type EnrolledDevice,
} from './_util/enrolment.js';
import { TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

async function connect(
  collector: TestCollector,
  { answer, cert, key }: EnrolledDevice,
): Promise<TestGateway> {
  const { gateway } = answer;
  const login = { clientId: gateway, username: gateway, cert, key, ca: rootOf(collector) };
  const client = await mqtt.connectAsync(collector.mqttsUrl, { ...login, reconnectPeriod: 0 }, false);
  client.on('error', () => undefined);
  onTestFinished(() => client.endAsync(true));
  await client.subscribeAsync(`headcount/v1/${gateway}/receipt`, { qos: 1 });
  return new TestGateway(gateway, client, randomUUID());
}

function detailOf({ body }: { body: unknown }): string {
  return (body as { detail: string }).detail;
}

test('a code makes a gateway known, once, and neither log nor database holds it', async () => {
  const collector = await startCollector({ secure: true, timeZone: 'Asia/Ho_Chi_Minh' });
  const { code, secret } = await enrolmentCode(collector, 'lobby', { site: 'shop' });
  const device = await newDevice();
  const first = await post(collector, ENROL_PATH, { body: enrolBody(secret, device) });
  expect(first.status).toBe(200);
  const answer = enrolAnswerSchema.parse(first.body);
  expect(answer).toMatchObject({
    gateway: 'lobby',
    site: { name: 'shop', timeZone: 'UTC' },
    brokerUrl: collector.mqttsUrl,
  });
  expect(answer.authority.trim()).toBe(rootOf(collector).trim());
  await connect(collector, { ...device, answer, cert: answer.certificate });

  // The same request again is an answer that got lost; another device with the same code is somebody else.
  const again = await post(collector, ENROL_PATH, { body: enrolBody(secret, device) });
  expect(enrolAnswerSchema.parse(again.body).certificate).toBe(answer.certificate);
  const other = await post(collector, ENROL_PATH, { body: enrolBody(secret, await newDevice()) });
  expect(other.status).toBe(403);
  expect(detailOf(other)).toBe('the enrolment code was used already; ask for a new one');

  const logged = JSON.stringify(collector.logs.lines);
  const rows = await collector.withStore(async (store) => [
    ...(await store.selectFrom('enrolment_code').selectAll().execute()),
    ...(await store.selectFrom('gateway').selectAll().execute()),
  ]);
  for (const text of [logged, JSON.stringify(rows)]) {
    for (const hidden of [code, secret, device.key]) expect(text).not.toContain(hidden);
  }
  expect(collector.logs.matching(/a gateway has enrolled/)).toHaveLength(2);
});

test('a wrong code, an expired one and a replaced one are named as such', async () => {
  const collector = await startCollector({ secure: true });
  const device = await newDevice();
  const enrol = (secret: string) => post(collector, ENROL_PATH, { body: enrolBody(secret, device) });
  const replaced = await enrolmentCode(collector, 'lobby');
  const expired = await enrolmentCode(collector, 'lobby', { validMs: -1 });
  expect(detailOf(await enrol('0'.repeat(16)))).toMatch(/code is wrong/);
  expect(detailOf(await enrol(replaced.secret))).toMatch(/code is wrong/);
  expect(detailOf(await enrol(expired.secret))).toMatch(/code has expired/);
});

test('a request must be signed by its keys, and the key must be of the right kind', async () => {
  const collector = await startCollector({ secure: true });
  const { secret } = await enrolmentCode(collector, 'lobby');
  const [device, other] = [await newDevice(), await newDevice()];
  const rsa = await newDevice({
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  });
  const torn = device.request.replace(/.{8}(?=\n-----END)/, 'AAAAAAAA');
  const resigned = sign(null, Buffer.from(torn), device.device).toString('base64');
  for (const [name, changed, problem] of [
    ['a foreign device signature', { ...device, deviceSignature: other.deviceSignature }, /deviceSignature/],
    ['a request that was changed', { ...device, request: torn, deviceSignature: resigned }, /^request: /],
    ['an RSA key', rsa, /ECDSA P-256/],
    ['no request', { ...device, request: 'hello' }, /request/],
  ] as const) {
    const answer = await post(collector, ENROL_PATH, { body: enrolBody(secret, changed) });
    expect(answer.status, name).toBe(400);
    expect(detailOf(answer), name).toMatch(problem);
  }
  // None of them used the code up.
  expect((await post(collector, ENROL_PATH, { body: enrolBody(secret, device) })).status).toBe(200);
});

test('who tries codes has to wait, also with the right one; enrolment is over TLS only', async () => {
  const collector = await startCollector({ secure: true });
  const { secret } = await enrolmentCode(collector, 'lobby');
  const device = await newDevice();
  const plain = await collector.post(ENROL_PATH, enrolBody(secret, device));
  expect(plain.status).toBe(403);
  for (let tries = 0; tries < 10; tries++) {
    const wrong = enrolBody(String(tries).padStart(16, '0'), device);
    expect((await post(collector, ENROL_PATH, { body: wrong })).status).toBe(403);
  }
  const late = await post(collector, ENROL_PATH, { body: enrolBody(secret, device) });
  expect(late.status).toBe(429);
  expect(detailOf(late)).toMatch(/try again in \d+ min/);
});

test('without TLS listeners there is no enrolment', async () => {
  const collector = await startCollector();
  expect((await collector.post(ENROL_PATH, {})).status).toBe(401);
});

test('enrolling again ends the old certificate, its open connection and the password', async () => {
  const collector = await startCollector({ secure: true });
  const password = await collector.addGateway('lobby');
  const old = await connect(collector, await enrolGateway(collector, 'lobby'));
  const fresh = await enrolGateway(collector, 'lobby');
  await until(() => !old.client.connected || undefined, 'the end of the old connection');
  await connect(collector, fresh);
  const login = { clientId: 'lobby', username: 'lobby', password, reconnectPeriod: 0 };
  await expect(mqtt.connectAsync(collector.mqttUrl, login, false)).rejects.toThrow(
    'Bad username or password',
  );
});

test('a certificate renews itself; the old one opens until the new one was used', async () => {
  const collector = await startCollector({ secure: true });
  const lobby = await enrolGateway(collector, 'lobby');
  const { request } = lobby;
  const renew = (cert: string) =>
    post(collector, RENEW_PATH, { body: { v: 1, request }, cert, key: lobby.key });
  const { certificate } = renewAnswerSchema.parse((await renew(lobby.cert)).body);
  expect(certificate).not.toBe(lobby.cert);
  const first = await connect(collector, lobby);
  await connect(collector, { ...lobby, cert: certificate });
  await until(() => !first.client.connected || undefined, 'the end of the old connection');
  const refused = await renew(lobby.cert);
  expect(refused.status).toBe(401);
  expect(detailOf(refused)).toBe('the certificate was revoked; enrol the gateway again');
});

test('a route for gateways takes nobody without a certificate, and a certificate opens no page of people', async () => {
  const collector = await startCollector({ secure: true });
  const { cert, key, request } = await enrolGateway(collector, 'lobby');
  const body = { v: 1, request };
  expect((await post(collector, RENEW_PATH, { body })).status).toBe(401);
  expect((await collector.post(RENEW_PATH, body, { cookie: await collector.logIn() })).status).toBe(401);
  expect((await post(collector, '/api/v1/gateways', { body, cert, key })).status).toBe(401);
});

test('a walk test counts as proof only with the signature of the enrolled device', async () => {
  const collector = await startCollector({ secure: true });
  const device = await enrolGateway(collector, 'lobby');
  const gateway = await connect(collector, device);
  const at = Date.UTC(2026, 10, 24, 12);
  const result = {
    gateway: 'lobby',
    camera: 'door',
    line: 'a',
    startedAt: at,
    endedAt: at + 1000,
    passed: true,
  };
  const detailed = (changes: object, signedBy = device.device) => {
    const text = JSON.stringify({ ...result, ...changes });
    const signature = sign(null, Buffer.from(text), signedBy).toString('base64');
    return { signature, publicKey: device.deviceKey, result: JSON.parse(text) as object };
  };
  const forged = { ...detailed({ passed: false }), result };
  const details = [
    detailed({}),
    forged,
    detailed({}, (await newDevice()).device),
    detailed({ gateway: 'gate' }),
  ];
  const event = (detail: string) => ({ kind: 'event', at, event: 'walk-test', detail });
  const receipt = await gateway.deliver(1, [
    ...details.map((detail) => event(JSON.stringify(detail))),
    event('no walk test'),
  ]);
  expect(receipt).toMatchObject({ storedUpTo: 5, deadLettered: [] });
  const rows = await collector.withStore((store) =>
    store.selectFrom('walk_test').select(['seq', 'verified', 'problem']).orderBy('seq').execute(),
  );
  expect(rows).toEqual([
    { seq: 1, verified: 1, problem: null },
    { seq: 2, verified: 0, problem: 'the signature is not that of the enrolled device key' },
    { seq: 3, verified: 0, problem: 'the signature is not that of the enrolled device key' },
    { seq: 4, verified: 0, problem: 'the walk test is of another gateway' },
  ]);
});
