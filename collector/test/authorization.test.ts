import { createServer } from 'node:net';
import { AGENT_CHANNELS, CHANNELS, topicFor } from '@headcount/shared';
import { Aedes } from 'aedes';
import type { MqttClient } from 'mqtt';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Access } from '../src/broker/access.js';
import { aedesOptions } from '../src/broker/aedes-options.js';
import {
  BROKER_ACTIONS,
  BROKER_ROLES,
  isAllowed,
  PERMISSIONS,
  type BrokerAction,
  type BrokerRole,
} from '../src/broker/authorization.js';
import { listen, unlisten } from '../src/broker/listen.js';
import type { ProbeIdentity } from '../src/broker/probe.js';
import { RefusalLog } from '../src/broker/refusals.js';
import { Traffic } from '../src/broker/traffic.js';
import { newSecret } from '../src/security/secrets.js';
import { attempt } from './_util/attempt.js';
import { startCollector } from './_util/collector.js';
import { connect } from './_util/gateway.js';
import { until } from './_util/until.js';

const PROBE_TOPIC = 'headcount-probe/own';
const OWN = CHANNELS.map((channel) => topicFor('lobby', channel));
const FOREIGN = CHANNELS.map((channel) => topicFor('gate', channel));
/** Topics and filters that no role has anything to do with. */
const STRANGE = [
  ...['elsewhere', '/', 'headcount', 'headcount/v1', 'headcount/v1/lobby', 'headcount/v1/lobby/unknown'],
  ...[
    'headcount/v1/lobby/state/',
    'headcount/v1//state',
    '/headcount/v1/lobby/state',
    'HEADCOUNT/v1/lobby/state',
  ],
  ...['headcount/v2/lobby/state', 'headcount/v1/Lobby/state', 'headcount/v1/lobby/state/more', 'constructor'],
  ...['$SYS/lobby', '$SYS/broker/new/clients', 'headcount-probe/another', 'headcount-probe'],
  ...['headcount/v1/lobby/constructor', 'headcount/v1/lobby/__proto__', 'headcount/v1/lobby/ state'],
];
const WILD = [
  ...['#', '+', '+/+/+/+', '$SYS/#', 'headcount/#', 'headcount/v1/#', 'headcount/v1/lobby/#'],
  ...['headcount/v1/lobby/+', 'headcount/v1/+/receipt', 'headcount/+/lobby/receipt', '+/v1/lobby/receipt'],
  ...['headcount-probe/#', 'headcount-probe/+', '/#'],
  ...CHANNELS.flatMap((channel) => [
    `$share/group/${topicFor('lobby', channel)}`,
    `$queue/${topicFor('lobby', channel)}`,
  ]),
  ...['$share/group/#', '$share/group/headcount/v1/+/receipt', '$share//headcount/v1/lobby/receipt'],
];
const ALL = [...OWN, ...FOREIGN, ...STRANGE, ...WILD, PROBE_TOPIC];

/** What is allowed, written out once more by hand: `role action topic`. */
const ALLOWED = new Set([
  ...['state', 'records', 'live', 'reported', 'result'].map(
    (one) => `gateway publish headcount/v1/lobby/${one}`,
  ),
  ...['state', 'reported'].map((one) => `gateway retain headcount/v1/lobby/${one}`),
  ...['receipt', 'desired', 'command'].map((one) => `gateway subscribe headcount/v1/lobby/${one}`),
  ...['publish', 'subscribe'].map((action) => `probe ${action} ${PROBE_TOPIC}`),
  ...['lobby', 'gate'].flatMap((name) => [
    ...['state', 'receipt', 'desired', 'command'].map(
      (one) => `collector publish headcount/v1/${name}/${one}`,
    ),
    ...['state', 'desired'].map((one) => `collector retain headcount/v1/${name}/${one}`),
    ...['state', 'records', 'live', 'reported', 'result'].map(
      (one) => `collector subscribe headcount/v1/${name}/${one}`,
    ),
  ]),
]);

const may = (role: BrokerRole, action: BrokerAction, topic: string) =>
  isAllowed({ role, name: role === 'gateway' ? 'lobby' : '' }, action, { topic, probeTopic: PROBE_TOPIC });

test('every role may do on every topic what the list says, and nothing else', () => {
  const open = BROKER_ROLES.flatMap((role) =>
    BROKER_ACTIONS.flatMap((action) =>
      ALL.filter((topic) => may(role, action, topic)).map((topic) => `${role} ${action} ${topic}`),
    ),
  );
  expect(open.sort()).toEqual([...ALLOWED].sort());
  const published = CHANNELS.filter((channel) => PERMISSIONS.gateway[channel]?.includes('publish'));
  expect(new Set(published)).toEqual(AGENT_CHANNELS);
});

test('a connected gateway may do what the table says, and nothing else', async () => {
  const collector = await startCollector();
  // What is published here means nothing; whether it is taken is what counts.
  collector.logs.expectError(/dead letter/);
  const password = await collector.addGateway('lobby');
  await collector.addGateway('gate');
  const open = () =>
    connect(collector.mqttUrl, { clientId: 'lobby', username: 'lobby', password, keepalive: 0 });
  const subscriber = await open();
  for (const filter of ALL) {
    const granted = await isGranted(subscriber, filter);
    expect([filter, granted]).toEqual([filter, may('gateway', 'subscribe', filter)]);
  }
  let publisher = await open();
  // A wildcard in a topic is refused by the protocol already.
  for (const topic of ALL.filter((one) => !/[#+]/.test(one))) {
    for (const action of ['publish', 'retain'] as const) {
      const taken = await isTaken(publisher, topic, action === 'retain');
      expect([action, topic, taken]).toEqual([action, topic, may('gateway', action, topic)]);
      if (!taken) publisher = await open();
    }
  }
});

test('the probe may use its own topic, and nothing else', async () => {
  const identity = { name: 'headcount-probe-own', password: newSecret(), topic: PROBE_TOPIC };
  const url = await brokerOf(identity);
  const open = () =>
    connect(url, { clientId: identity.name, username: identity.name, password: identity.password });
  let client = await open();
  for (const topic of ALL) {
    const granted = await isGranted(client, topic);
    expect([topic, granted]).toEqual([topic, may('probe', 'subscribe', topic)]);
  }
  for (const topic of [...OWN, ...STRANGE, PROBE_TOPIC]) {
    for (const action of ['publish', 'retain'] as const) {
      const taken = await isTaken(client, topic, action === 'retain');
      expect([action, topic, taken]).toEqual([action, topic, may('probe', action, topic)]);
      if (!taken) client = await open();
    }
  }
});

test('who has not logged in reaches no topic at all', async () => {
  const collector = await startCollector();
  await collector.addGateway('lobby');
  for (const clientId of ['lobby', 'headcount-probe-000000000000', 'collector', '$SYS'])
    expect(await attempt(collector.mqttUrl, { clientId, username: clientId, password: 'x' })).toMatch(
      /refused/,
    );
  const plain = await attempt(collector.mqttUrl, { clientId: 'lobby' });
  expect(plain).toMatch(/refused/);
});

/** Aedes with the rules of the collector, and a probe whose password the test knows. */
async function brokerOf(probe: ProbeIdentity): Promise<string> {
  const logger = pino({ level: 'silent' });
  const traffic = new Traffic();
  const nothing = () => Promise.resolve(undefined);
  const access = new Access({
    ...{ probe, traffic, now: Date.now, refusals: new RefusalLog(logger, Date.now) },
    secrets: () => Promise.resolve(new Map()),
    certificates: { problem: nothing, used: nothing },
  });
  const aedes = await Aedes.createBroker(aedesOptions({ access, traffic, logger, maxConnections: 100 }));
  const server = createServer((socket) => aedes.handle(socket));
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await new Promise<void>((resolve) => aedes.close(resolve));
    await unlisten(server);
  });
  return `mqtt://127.0.0.1:${port}`;
}

async function isGranted(client: MqttClient, filter: string): Promise<boolean> {
  // mqtt.js reports a refused subscription as an error or as the granted QoS 128, as the version goes.
  return client.subscribeAsync(filter, { qos: 1 }).then(
    (grants) => grants.every(({ qos }) => qos <= 2),
    () => false,
  );
}

/** The broker ends the connection of whoever publishes what it may not; else it acknowledges. */
async function isTaken(client: MqttClient, topic: string, retain: boolean): Promise<boolean> {
  let taken: boolean | undefined;
  client.once('close', () => (taken ??= false));
  client.publish(topic, '{}', { qos: 1, retain }, (error) => (taken ??= !error));
  await until(() => taken !== undefined || undefined, `an answer to ${topic}`);
  return taken === true;
}
