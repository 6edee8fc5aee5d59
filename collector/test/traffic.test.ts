import { MAX_BATCH_RECORDS, topicFor } from '@headcount/shared';
import { expect, test } from 'vitest';
import { connectionSchema, type Connection } from '../src/schema/connection.js';
import { addUser } from '../src/security/users.js';
import { attempt } from './_util/attempt.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { enrolGateway, rootOf } from './_util/enrolment.js';
import { connect, countRecord, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const LINES = 4;

async function connectionOf(collector: TestCollector, name: string, cookie: string): Promise<Connection> {
  const response = await collector.get(`/api/v1/gateways/${name}/connection`, cookie);
  expect(response.status).toBe(200);
  return connectionSchema.parse(await response.json());
}

const live = (index: number) =>
  JSON.stringify({ v: 1, at: START + index, cameras: [], padding: 'x'.repeat(200) });

test('a flood is slowed, its neighbour is not, and in the end every count of both is stored', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const polite = await TestGateway.connect(collector.mqttUrl, 'lobby', await collector.addGateway('lobby'));
  const flooder = await TestGateway.connect(collector.mqttUrl, 'gate', await collector.addGateway('gate'));
  // Above the burst by 1,000 packets: two seconds at the rate of a gateway.
  const [messages, every] = [6000, 100];
  const began = performance.now();
  const counts: Promise<void>[] = [];
  for (let index = 0; index < messages; index++) {
    const seq = Math.floor(index / every) + 1;
    const count = countRecord(START + seq * MINUTE, { in: 1, totals: { in: seq, out: 0 } });
    if (index % every === 0) counts.push(flooder.send(seq, [count]));
    else flooder.client.publish(topicFor('gate', 'live'), live(index), { qos: 0 });
  }
  const waits: number[] = [];
  let seq = 0;
  while (flooder.receipts.at(-1)?.storedUpTo !== messages / every) {
    seq += 1;
    const sent = performance.now();
    const totals = { in: seq, out: 0 };
    expect(
      (await polite.deliver(seq, [countRecord(START + seq * MINUTE, { in: 1, totals })])).storedUpTo,
    ).toBe(seq);
    waits.push(performance.now() - sent);
  }
  await Promise.all(counts);
  // The last packets of the flood.
  await flooder.client.subscribeAsync(topicFor('gate', 'desired'));
  expect(performance.now() - began).toBeGreaterThan(1900);
  expect(Math.max(...waits)).toBeLessThan(1500);
  const slowed = await connectionOf(collector, 'gate', cookie);
  expect(slowed.slowedMs).toBeGreaterThan(0);
  expect(slowed).toMatchObject({ refused: 0, connects: 1, messagesIn: messages });
  expect((await connectionOf(collector, 'lobby', cookie)).slowedMs).toBe(0);
  expect(collector.logs.matching(/faster than/)).toEqual([]);
  const rows = await collector.withStore((store) =>
    store
      .selectFrom('count_interval')
      .select(({ fn }) => ['gateway', fn.sum<number>('in_count').as('sum')])
      .groupBy('gateway')
      .execute(),
  );
  expect(new Map(rows.map(({ gateway, sum }) => [gateway, sum]))).toEqual(
    new Map([
      ['gate', messages / every],
      ['lobby', seq],
    ]),
  );
});

test('a day of four lines, batch after receipt as fast as it goes, is not slowed', async () => {
  const collector = await startCollector();
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', await collector.addGateway('lobby'));
  const records = Array.from({ length: 1440 * LINES }, (_, index) =>
    countRecord(START + Math.floor(index / LINES) * MINUTE, { line: `line-${index % LINES}` }),
  );
  for (let from = 0; from < records.length; from += MAX_BATCH_RECORDS)
    await gateway.deliver(from + 1, records.slice(from, from + MAX_BATCH_RECORDS));
  const cookie = await collector.logIn();
  expect(await connectionOf(collector, 'lobby', cookie)).toMatchObject({ slowedMs: 0, refused: 0 });
});

test('who comes back again and again has to wait, without a place for anybody else being taken', async () => {
  const collector = await startCollector();
  const login = { clientId: 'lobby', username: 'lobby', password: await collector.addGateway('lobby') };
  const answers = new Set<string>();
  for (let tries = 0; tries < 200 && answers.size < 2; tries++)
    answers.add(await attempt(collector.mqttUrl, login));
  expect([...answers]).toEqual(['accepted', expect.stringMatching(/Server unavailable/)]);
  expect(collector.logs.matching(/it connects too often; wait/)).not.toEqual([]);
  const other = { clientId: 'gate', username: 'gate', password: await collector.addGateway('gate') };
  expect(await attempt(collector.mqttUrl, other)).toBe('accepted');
  await until(async () => (await attempt(collector.mqttUrl, login)) === 'accepted' || undefined, 'its turn');
});

test('what is known of a connection: numbers, protocol, login, and the address for operators', async () => {
  const collector = await startCollector({ secure: true, webSocket: true });
  const password = 'a horse that counts';
  await collector.withStore((store) =>
    addUser(store, { username: 'mai', password, role: 'viewer', mustChange: false }, Date.now()),
  );
  const [admin, viewer] = [await collector.logIn(), await collector.logIn('mai', password)];
  const began = Date.now();
  const gateway = await TestGateway.connect(collector.wsUrl, 'lobby', await collector.addGateway('lobby'));
  await gateway.deliver(1, [countRecord(START)]);
  const cellar = await enrolGateway(collector, 'cellar');
  const { cert, key } = cellar;
  await connect(collector.mqttsUrl, {
    clientId: 'cellar',
    username: 'cellar',
    cert,
    key,
    ca: rootOf(collector),
  });

  const seen = await connectionOf(collector, 'lobby', admin);
  expect(seen).toMatchObject({
    connected: { address: '127.0.0.1', protocol: 'websocket', login: 'password' },
    ...{ messagesIn: 1, messagesOut: 1, connects: 1, refused: 0, slowedMs: 0 },
  });
  expect(seen.connected?.since).toBeGreaterThanOrEqual(began);
  expect(seen.lastPacketAt).toBeGreaterThanOrEqual(began);
  expect(seen.bytesIn).toBeGreaterThan(JSON.stringify(countRecord(START)).length);
  expect(seen.bytesOut).toBeGreaterThan(100);
  expect((await connectionOf(collector, 'lobby', viewer)).connected).toMatchObject({ address: null });
  expect((await connectionOf(collector, 'cellar', admin)).connected).toMatchObject({
    ...{ protocol: 'tls', login: 'certificate' },
  });
  await collector.addGateway('never');
  expect(await connectionOf(collector, 'never', admin)).toMatchObject({
    ...{ connected: null, lastPacketAt: null, messagesIn: 0, connects: 0 },
  });
  expect((await collector.get('/api/v1/gateways/nothing/connection', admin)).status).toBe(404);

  gateway.client.publish(topicFor('cellar', 'records'), '{}', { qos: 1 });
  const after = await until(async () => {
    const found = await connectionOf(collector, 'lobby', admin);
    return found.connected === null ? found : undefined;
  }, 'the end of the connection');
  expect(after).toMatchObject({ refused: 1, connects: 1, messagesOut: 1 });
  expect(after.bytesOut).toBeGreaterThanOrEqual(seen.bytesOut);
  const metrics = await (await collector.get('/metrics', admin)).text();
  expect(metrics).toMatch(/^headcount_broker_connects_total 2$/m);
  expect(metrics).toMatch(/^headcount_broker_received_messages_total [12]$/m);
  expect(metrics).not.toMatch(/lobby/);
});

test('batches that all gateways send again while the collector is busy do not block the receipts', async () => {
  const collector = await startCollector({ maxConnections: 3 });
  const gateways: TestGateway[] = [];
  for (const name of ['lobby', 'gate', 'hall'])
    gateways.push(await TestGateway.connect(collector.mqttUrl, name, await collector.addGateway(name)));
  // More batches under way than the broker hands on at a time: 100, and one of each connection.
  const batches = 50;
  await Promise.all(
    gateways.flatMap((gateway) =>
      Array.from({ length: batches }, (_, index) => gateway.send(1, [countRecord(START + index)])),
    ),
  );
  for (const gateway of gateways)
    await until(
      () => (gateway.receipts.length === batches ? true : undefined),
      `every receipt of ${gateway.name}`,
    );
});
