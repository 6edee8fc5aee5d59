import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { topicFor } from '@headcount/shared';
import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { startCollector, type TestCollector } from './_util/collector.js';
import { connect, countRecord, TestGateway } from './_util/gateway.js';

const run = promisify(execFile);
const PATIENCE_S = '2';

interface Login {
  readonly user?: string;
  readonly password?: string;
  readonly id?: string;
}

/** Mosquitto's own client; what it prints and how it ends. */
async function mosquitto(
  program: 'mosquitto_pub' | 'mosquitto_sub',
  collector: TestCollector,
  { user, password, id = user ?? 'stranger' }: Login,
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  const { hostname, port } = new URL(collector.mqttUrl);
  const login = [
    ...(user === undefined ? [] : ['-u', user]),
    ...(password === undefined ? [] : ['-P', password]),
  ];
  try {
    const { stdout, stderr } = await run(program, ['-h', hostname, '-p', port, '-i', id, ...login, ...args]);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code: number; stdout?: string; stderr?: string };
    return { code, output: stdout + stderr };
  }
}

async function withGateways() {
  const collector = await startCollector();
  const passwords = {
    lobby: await collector.addGateway('lobby'),
    cellar: await collector.addGateway('cellar'),
  };
  return { collector, passwords };
}

test('mosquitto_pub: the right password publishes, all others do not', async () => {
  const { collector, passwords } = await withGateways();
  const right = { user: 'lobby', password: passwords.lobby };
  const publish = (login: Login, topic = topicFor('lobby', 'reported')) => {
    const golden = new URL('../../shared/fixtures/reported.v1.json', import.meta.url);
    const message = readFileSync(golden, 'utf8');
    return mosquitto('mosquitto_pub', collector, login, ['-q', '1', '-t', topic, '-m', message]);
  };
  expect(await publish(right)).toMatchObject({ code: 0 });
  for (const wrong of [
    { user: 'lobby', password: 'wrong' },
    { user: 'lobby' },
    {},
    { user: 'lobby', password: passwords.cellar },
    { user: 'attic', password: passwords.lobby },
    { ...right, id: 'somebody' },
  ]) {
    const { code, output } = await publish(wrong);
    expect([wrong, code === 0]).toEqual([wrong, false]);
    expect(output).toMatch(/not authori[sz]ed|bad user name|Connection Refused|Error/i);
  }
  // A topic that is not its own ends the connection.
  for (const topic of [topicFor('cellar', 'state'), 'headcount/v1/lobby/receipt', 'elsewhere', '$SYS/broker'])
    expect([topic, (await publish(right, topic)).code === 0]).toEqual([topic, false]);
});

test.each([
  '#',
  '+/#',
  '$SYS/#',
  '$share/all/headcount/#',
  'headcount/#',
  'headcount/v1/+/records',
  'headcount/v1/cellar/receipt',
  'headcount/v1/cellar/command',
  'headcount/v1/lobby/#',
  'headcount/v1/lobby/+',
  'headcount/v1/lobby/records',
  'headcount/v1//receipt',
  '/headcount/v1/lobby/receipt',
])('mosquitto_sub is refused %s and hears nothing of another gateway', async (filter) => {
  const { collector, passwords } = await withGateways();
  const listener = mosquitto('mosquitto_sub', collector, { user: 'lobby', password: passwords.lobby }, [
    ...['-t', filter, '-W', PATIENCE_S, '-v', '-q', '1'],
  ]);
  const cellar = await TestGateway.connect(collector.mqttUrl, 'cellar', passwords.cellar);
  await cellar.sayHello();
  await cellar.deliver(1, [countRecord(Date.parse('2026-03-02T10:00Z'))]);
  const { code, output } = await listener;
  expect([code, output]).toMatchObject([
    expect.any(Number),
    expect.stringMatching(/denied|Invalid topic|Error/i),
  ]);
  expect(output).not.toContain('headcount/v1/cellar');
});

test('a gateway hears its own channels and nothing else, whatever the other one says', async () => {
  const { collector, passwords } = await withGateways();
  const login = { username: 'lobby', password: passwords.lobby, clientId: 'lobby' };
  const spy = await connect(collector.mqttUrl, login);
  const heard: string[] = [];
  spy.on('message', (topic) => heard.push(topic));
  await spy.subscribeAsync([topicFor('lobby', 'receipt'), topicFor('lobby', 'command')], { qos: 1 });
  const cellar = await TestGateway.connect(collector.mqttUrl, 'cellar', passwords.cellar);
  await cellar.sayHello();
  for (let seq = 1; seq <= 5; seq++)
    await cellar.deliver(seq, [countRecord(Date.parse('2026-03-02T10:00Z') + seq * 60_000)]);
  expect(heard).toEqual([]);
});

test('a will that goes to somebody else is refused at the login', async () => {
  const { collector, passwords } = await withGateways();
  const client = mqtt.connect(collector.mqttUrl, {
    ...{ username: 'lobby', password: passwords.lobby, clientId: 'lobby', reconnectPeriod: 0 },
    will: { topic: topicFor('cellar', 'state'), payload: Buffer.from('{}'), qos: 1, retain: true },
  });
  const error = await new Promise<Error>((resolve) => client.once('error', resolve));
  expect(error.message).toMatch(/Not authorized/);
  await client.endAsync(true);
});

test('a client of another version of MQTT is told so', async () => {
  const { collector, passwords } = await withGateways();
  const login = { user: 'lobby', password: passwords.lobby };
  const args = ['-V', 'mqttv5', '-t', topicFor('lobby', 'reported'), '-m', '{}'];
  const { code, output } = await mosquitto('mosquitto_pub', collector, login, args);
  expect([code, output]).toMatchObject([132, expect.stringMatching(/Unsupported Protocol Version/i)]);
});
