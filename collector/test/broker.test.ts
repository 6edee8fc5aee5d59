import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_PAYLOAD_BYTES } from '@headcount/shared';
import mqtt, { type IClientOptions } from 'mqtt';
import { expect, test } from 'vitest';
import { attempt } from './_util/attempt.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { connect, countRecord, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const MB = 1024 * 1024;

function login(name: string, password: string): IClientOptions {
  return { clientId: name, username: name, password };
}

async function closed({ client }: TestGateway): Promise<void> {
  await until(() => !client.connected || undefined, 'the end of the connection');
}

/** Wait until the collector's own connection to its broker stands. */
async function probed(collector: TestCollector): Promise<void> {
  const cookie = await collector.logIn();
  await until(async () => {
    const metrics = await (await collector.get('/metrics', cookie)).text();
    return /^headcount_broker_probe_round_trip_seconds 0\.\d/m.test(metrics) || undefined;
  }, 'the first round trip of the probe');
}

async function withTwoGateways() {
  const collector = await startCollector();
  const lobby = await collector.addGateway('lobby');
  const gate = await collector.addGateway('gate');
  return { collector, lobby, gate };
}

function statusOf(collector: TestCollector, name: string): Promise<string | undefined> {
  return collector.withStore(async (store) => {
    const row = await store
      .selectFrom('gateway')
      .select('status')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.status;
  });
}

test('only the right password of the own name opens a connection, and the log says why another does not', async () => {
  const { collector, lobby } = await withTwoGateways();
  expect(await attempt(collector.mqttUrl, login('lobby', lobby))).toBe('accepted');
  const refusals: [string, IClientOptions, string][] = [
    ['a wrong password', login('lobby', 'x'.repeat(43)), 'wrong password'],
    ['an unknown gateway', login('cellar', lobby), 'unknown gateway'],
    ['no password', { clientId: 'lobby', username: 'lobby' }, 'user and password are needed'],
    [
      'another client id',
      { ...login('lobby', lobby), clientId: 'gate' },
      'the client id must be the gateway name',
    ],
    [
      'a will for somebody else',
      {
        ...login('lobby', lobby),
        will: { topic: 'headcount/v1/gate/state', payload: Buffer.from('{}'), qos: 1, retain: true },
      },
      'the will must go to the own state topic',
    ],
  ];
  for (const [name, options, problem] of refusals) {
    expect(await attempt(collector.mqttUrl, options), name).toMatch(/Connection refused/);
    expect(collector.logs.matching(new RegExp(`login refused: ${problem}`)), name).toHaveLength(1);
  }
  expect(collector.logs.matching(/unknown gateway/)).toMatchObject([
    { level: 'warn', peer: 'cellar@127.0.0.1' },
  ]);
  expect(JSON.stringify(collector.logs.lines)).not.toContain(lobby);
});

test("a gateway may not publish outside its own root, on the collector's channels, or keep other messages", async () => {
  const { collector, lobby, gate } = await withTwoGateways();
  const watcher = await TestGateway.connect(collector.mqttUrl, 'gate', gate);
  for (const [topic, retain] of [
    ['headcount/v1/gate/records', false],
    ['headcount/v1/gate/receipt', false],
    ['headcount/v1/lobby/receipt', false],
    ['headcount/v1/lobby/unknown', false],
    ['headcount/v1/lobby/records', true],
    ['$SYS/lobby', false],
    ['elsewhere', false],
  ] as const) {
    const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', lobby);
    gateway.client.publish(topic, '{}', { qos: 1, retain });
    await closed(gateway);
  }
  expect(collector.logs.matching(/publish refused/)).toMatchObject([
    { peer: 'lobby', topic: 'headcount/v1/gate/records' },
  ]);
  expect(watcher.receipts).toEqual([]);
  expect(watcher.client.connected).toBe(true);
  expect((await watcher.deliver(1, [countRecord(Date.UTC(2026, 0, 1))])).storedUpTo).toBe(1);
});

test('a gateway may subscribe to its own channels one by one and to nothing else', async () => {
  const { collector, lobby, gate } = await withTwoGateways();
  const client = await connect(collector.mqttUrl, login('lobby', lobby));
  for (const filter of [
    'headcount/v1/gate/receipt',
    'headcount/v1/+/receipt',
    'headcount/v1/lobby/#',
    '#',
    '$SYS/#',
    'headcount/v1/lobby/state',
  ]) {
    // mqtt.js reports a refused subscription as an error or as the granted QoS 128, as the version goes.
    const granted = await client.subscribeAsync(filter, { qos: 1 }).then(
      (grants) => grants.every(({ qos }) => qos <= 2),
      () => false,
    );
    expect(granted, filter).toBe(false);
  }
  const received: string[] = [];
  client.on('message', (topic) => received.push(topic));
  const other = await TestGateway.connect(collector.mqttUrl, 'gate', gate);
  await other.sayHello();
  await other.deliver(1, [countRecord(Date.UTC(2026, 0, 1))]);
  expect(received).toEqual([]);
  expect(client.connected).toBe(true);
});

test('a 10 MB payload ends the connection at its first bytes, and the collector goes on', async () => {
  const { collector, lobby, gate } = await withTwoGateways();
  const neighbour = await TestGateway.connect(collector.mqttUrl, 'gate', gate);
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', lobby);
  gateway.client.publish('headcount/v1/lobby/records', Buffer.alloc(10 * MB, 'x'), { qos: 1 });
  await closed(gateway);
  expect(collector.logs.matching(/packet too large/)).toMatchObject([
    { peer: 'lobby', announcedBytes: 10 * MB + 30, limitBytes: MAX_PAYLOAD_BYTES + 1024 },
  ]);
  expect((await neighbour.deliver(1, [countRecord(Date.UTC(2026, 0, 1))])).storedUpTo).toBe(1);
});

test('the largest payload that the contract allows is taken', async () => {
  const { collector, lobby } = await withTwoGateways();
  collector.logs.expectError(/dead letter/);
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', lobby);
  const filler = { kind: 'filler', text: 'x'.repeat(MAX_PAYLOAD_BYTES - 1000) };
  expect((await gateway.deliver(1, [filler])).deadLettered).toHaveLength(1);
});

test('a stranger can make the collector hold 16 KiB and not more', async () => {
  const collector = await startCollector();
  const socket = net.connect(Number(new URL(collector.mqttUrl).port), '127.0.0.1');
  // A CONNECT that announces 100,000 bytes.
  socket.write(Buffer.from([0x10, 0xa0, 0x8d, 0x06]));
  await once(socket, 'close');
  expect(collector.logs.matching(/packet too large/)).toMatchObject([
    { announcedBytes: 100_000, limitBytes: 16_384 },
  ]);
});

test('bytes that are no MQTT end the connection with a word in the log', async () => {
  const collector = await startCollector();
  const socket = net.connect(Number(new URL(collector.mqttUrl).port), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await once(socket, 'close');
  expect(collector.logs.matching(/connection failed|packet too large/)).toHaveLength(1);
});

test('one connection too many is refused and logged, and a place that is free again is given away', async () => {
  const collector = await startCollector({ maxConnections: 3 });
  await probed(collector);
  const port = Number(new URL(collector.mqttUrl).port);
  const sockets = Array.from({ length: 3 }, () => net.connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await sleep(50);
  const extra = net.connect(port, '127.0.0.1');
  extra.on('error', () => undefined);
  await once(extra, 'close');
  expect(collector.logs.matching(/too many connections/)).toMatchObject([{ maxConnections: 3 }]);
  sockets[0]?.destroy();
  const password = await collector.addGateway('lobby');
  await until(
    async () => (await attempt(collector.mqttUrl, login('lobby', password))) === 'accepted' || undefined,
    'a free place',
  );
  for (const socket of sockets) socket.destroy();
});

test('every connection of the limit is for a gateway: the probe of the collector takes none of them', async () => {
  const collector = await startCollector({ maxConnections: 2 });
  await probed(collector);
  const [lobby, gate] = [await collector.addGateway('lobby'), await collector.addGateway('gate')];
  const clients = [
    await connect(collector.mqttUrl, login('lobby', lobby)),
    await connect(collector.mqttUrl, login('gate', gate)),
  ];
  expect(clients.map(({ connected }) => connected)).toEqual([true, true]);
  expect(collector.logs.matching(/too many connections/)).toEqual([]);
});

test('a gateway with a wrong password has to wait after 20 tries; its neighbours at the same address do not', async () => {
  const { collector, lobby, gate } = await withTwoGateways();
  for (let tries = 0; tries < 20; tries++) {
    expect(await attempt(collector.mqttUrl, login('lobby', 'wrong'))).toMatch(/Bad username or password/);
  }
  expect(await attempt(collector.mqttUrl, login('lobby', lobby))).toMatch(/Server unavailable/);
  expect(await attempt(collector.mqttUrl, login('gate', gate))).toBe('accepted');
});

test('thousands of refusals make a few lines in the log, and the next line says how many were left out', async () => {
  const { collector, lobby } = await withTwoGateways();
  for (let index = 0; index < 30; index++) {
    const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', lobby);
    gateway.client.publish(`headcount/v1/other-${index}/records`, '{}', { qos: 1 });
    await closed(gateway);
  }
  expect(collector.logs.lines.filter(({ level }) => level === 'warn').length).toBeLessThan(4);
});

test('no session is kept: a client that asks for one starts anew each time', async () => {
  const { collector, lobby } = await withTwoGateways();
  const options = { ...login('lobby', lobby), clean: false };
  const first = await connect(collector.mqttUrl, options);
  await first.subscribeAsync('headcount/v1/lobby/receipt', { qos: 1 });
  await first.endAsync();
  const second = mqtt.connect(collector.mqttUrl, { reconnectPeriod: 0, ...options });
  const packet = await new Promise<{ sessionPresent: boolean }>((resolve) => second.once('connect', resolve));
  await second.endAsync(true);
  expect(packet.sessionPresent).toBe(false);
});

test.each([
  {
    name: 'breaks its connection',
    leave: (gateway: TestGateway) => {
      gateway.breakConnection();
      return Promise.resolve();
    },
    status: 'offline',
  },
  {
    name: 'leaves without a goodbye',
    leave: (gateway: TestGateway) => gateway.client.endAsync(),
    status: 'offline',
  },
  {
    name: 'says goodbye',
    leave: async (gateway: TestGateway) => {
      const { bootId } = gateway;
      await gateway.publish('state', { v: 1, status: 'stopped', at: Date.now(), bootId }, true);
      await gateway.client.endAsync();
    },
    status: 'stopped',
  },
])('a gateway that $name is $status', async ({ leave, status }) => {
  const { collector, lobby } = await withTwoGateways();
  expect(await statusOf(collector, 'lobby')).toBe('never-seen');
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', lobby);
  await gateway.sayHello();
  await until(async () => (await statusOf(collector, 'lobby')) === 'online' || undefined, 'online');
  await leave(gateway);
  await until(async () => (await statusOf(collector, 'lobby')) !== 'online' || undefined, 'not online');
  await sleep(100);
  expect(await statusOf(collector, 'lobby')).toBe(status);
});

test('a gateway that comes back before its old connection is missed ends online', async () => {
  const { collector, lobby } = await withTwoGateways();
  const old = await TestGateway.connect(collector.mqttUrl, 'lobby', lobby);
  await old.sayHello();
  const back = await TestGateway.connect(collector.mqttUrl, 'lobby', lobby);
  await back.sayHello();
  await closed(old);
  await back.deliver(1, [countRecord(Date.UTC(2026, 0, 1))]);
  expect(await statusOf(collector, 'lobby')).toBe('online');
});

test('after a crash of the collector nobody is online until a birth comes', async () => {
  const { collector, lobby } = await withTwoGateways();
  await collector.stop();
  await collector.withStore((store) =>
    store
      .updateTable('gateway')
      .set({ status: 'online', status_since: 1 })
      .where('name', '=', 'lobby')
      .execute(),
  );
  await collector.start();
  expect(await statusOf(collector, 'lobby')).toBe('offline');
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', lobby);
  await gateway.sayHello();
  await until(async () => (await statusOf(collector, 'lobby')) === 'online' || undefined, 'online');
});
