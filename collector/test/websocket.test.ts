import mqtt from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { attempt } from './_util/attempt.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

test('a gateway connects over WebSocket by the same rules as over TCP', async () => {
  const collector = await startCollector({ webSocket: true });
  const password = await collector.addGateway('lobby');
  const gateway = await TestGateway.connect(collector.wsUrl, 'lobby', password);
  await gateway.sayHello();
  const receipt = await gateway.deliver(1, [countRecord(Date.parse('2026-03-02T10:00Z'), { in: 1 })]);
  expect(receipt).toMatchObject({ storedUpTo: 1 });
  expect(await attempt(collector.wsUrl, { clientId: 'lobby', username: 'lobby', password: 'wrong' })).toMatch(
    /Bad username or password|Not authorized/i,
  );
  expect(await attempt(collector.wsUrl, { clientId: 'stranger' })).not.toBe('accepted');
});

test('what does not speak MQTT, says too much or forges another gateway is cut off', async () => {
  const collector = await startCollector({ webSocket: true });
  const password = await collector.addGateway('lobby');
  await collector.addGateway('cellar');
  expect((await fetch(collector.wsUrl.replace('ws:', 'http:'))).status).toBe(426);
  const foreign = new WebSocket(collector.wsUrl, 'chat');
  const refusal = await new Promise<string>((resolve) =>
    foreign.once('error', ({ message }) => resolve(message)),
  );
  expect(refusal).toMatch(/401/);
  const huge = new WebSocket(collector.wsUrl, 'mqtt');
  await new Promise((resolve) => huge.once('open', resolve));
  huge.send(Buffer.alloc(2 * 2 ** 20));
  huge.on('error', () => undefined);
  await new Promise((resolve) => huge.once('close', resolve));
  const login = { clientId: 'lobby', username: 'lobby', password, reconnectPeriod: 0 };
  const client = await mqtt.connectAsync(collector.wsUrl, login, false);
  onTestFinished(async () => client.endAsync(true));
  client.on('error', () => undefined);
  client.publish('headcount/v1/cellar/state', '{}', { qos: 1 });
  await until(() => (client.connected ? undefined : true), 'the end of the connection');
});
