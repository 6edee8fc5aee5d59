import { connect as openSocket, type Socket } from 'node:net';
import { topicFor } from '@headcount/shared';
import { generate, type Packet } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { Random } from '../src/simulator/random.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const PACKETS = 120_000;
/** Of one connection; the broker ends most of them far earlier. */
const PACKETS_A_SOCKET = 20;
const SOCKETS_AT_ONCE = 20;
const MEGABYTE = 2 ** 20;

/** The same packets in every run: a linear congruential generator, of Numerical Recipes. */
const random = new Random(20261125);
const upTo = (limit: number) => Math.floor(random.next() * limit);
const bytes = (length: number) => Buffer.from(Array.from({ length }, () => upTo(256)));

/** Packets that are right, to be spoilt. */
function samples(password: string): Buffer[] {
  const packets: Packet[] = [
    {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'lobby',
      keepalive: 10,
      username: 'lobby',
      password: Buffer.from(password),
    },
    { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId: 'x', keepalive: 10 },
    { cmd: 'connect', protocolId: 'MQIsdp', protocolVersion: 3, clean: true, clientId: 'y', keepalive: 0 },
    { cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: topicFor('lobby', 'receipt'), qos: 1 }] },
    { cmd: 'unsubscribe', messageId: 8, unsubscriptions: ['a/b'] },
    {
      cmd: 'publish',
      topic: topicFor('lobby', 'records'),
      payload: Buffer.from('{"v":1}'),
      qos: 1,
      messageId: 9,
      dup: false,
      retain: false,
    },
    {
      cmd: 'publish',
      topic: 'a',
      payload: Buffer.alloc(300, 65),
      qos: 2,
      messageId: 10,
      dup: true,
      retain: true,
    },
    { cmd: 'puback', messageId: 9 },
    { cmd: 'pubrec', messageId: 9 },
    { cmd: 'pubrel', messageId: 9 },
    { cmd: 'pubcomp', messageId: 9 },
    { cmd: 'pingreq' },
    { cmd: 'disconnect' },
  ] as Packet[];
  return packets.map((packet) => generate(packet));
}

/** One packet that no honest client sends. */
function spoilt(right: readonly Buffer[]): Buffer {
  const packet = Buffer.from(right[upTo(right.length)] ?? Buffer.alloc(2));
  switch (upTo(6)) {
    case 0:
      return bytes(1 + upTo(40));
    case 1:
      return packet.subarray(0, upTo(packet.length));
    case 2: {
      for (let flips = 1 + upTo(4); flips > 0; flips--) packet[upTo(packet.length)] = upTo(256);
      return packet;
    }
    case 3:
      // A length that is not that of the packet.
      return Buffer.concat([packet.subarray(0, 1), bytes(1 + upTo(4)), packet.subarray(2)]);
    case 4:
      return Buffer.concat([packet, packet.subarray(upTo(packet.length))]);
    default:
      // The right bytes of a packet behind the type of another one.
      packet[0] = upTo(256);
      return packet;
  }
}

/** Send spoilt packets until the broker has had enough. @returns how many were sent */
async function attack(port: number, right: readonly Buffer[], login: Buffer | undefined): Promise<number> {
  const socket: Socket = openSocket(port, '127.0.0.1');
  let [open, sent] = [true, 0];
  socket.on('error', () => undefined);
  socket.on('data', () => undefined);
  socket.on('close', () => (open = false));
  const either = (event: 'connect' | 'drain') =>
    new Promise<void>((resolve) => {
      socket.once(event, resolve);
      socket.once('close', () => resolve());
      if (socket.destroyed) resolve();
    });
  await either('connect');
  if (login !== undefined) socket.write(login);
  while (open && sent < PACKETS_A_SOCKET) {
    // Several in one write: the broker meets them in all sizes.
    const some = Array.from({ length: 1 + upTo(10) }, () => spoilt(right));
    sent += some.length;
    if (!socket.write(Buffer.concat(some))) await either('drain');
    await new Promise(setImmediate);
  }
  socket.destroy();
  return sent;
}

test('malformed packets by the hundred thousand neither stop the broker nor stay in its memory', async () => {
  const collector = await startCollector({ maxConnections: 500 });
  collector.logs.expectError(/dead letter/);
  const password = await collector.addGateway('lobby');
  const honest = await collector.addGateway('honest');
  const right = samples(password);
  const [login] = right;
  const port = Number(new URL(collector.mqttUrl).port);
  let total = 0;
  const rounds: number[] = [];
  const began = performance.now();
  while (total < PACKETS) {
    const sent = await Promise.all(
      Array.from({ length: SOCKETS_AT_ONCE }, (_, index) =>
        attack(port, right, index % 2 === 0 ? login : undefined),
      ),
    );
    total += sent.reduce((sum, one) => sum + one, 0);
    rounds.push(process.memoryUsage().rss);
  }
  const rate = Math.round(total / ((performance.now() - began) / 1000));
  process.stdout.write(`${total} malformed packets, ${rate} a second, ${rounds.length} rounds\n`);
  // Memory that is kept would have grown from the first third to the last.
  const third = Math.ceil(rounds.length / 3);
  const peak = (some: readonly number[]) => Math.max(...some) / MEGABYTE;
  expect(peak(rounds.slice(-third)) - peak(rounds.slice(0, third))).toBeLessThan(150);
  expect(collector.logs.lines.length).toBeLessThan(5000);
  const gateway = await TestGateway.connect(collector.mqttUrl, 'honest', honest);
  const receipt = await gateway.deliver(1, [countRecord(Date.parse('2026-03-02T10:00Z'), { in: 1 })]);
  expect(receipt).toMatchObject({ storedUpTo: 1, deadLettered: [] });
  const text = await until(
    async () => {
      const response = await collector.get('/metrics', await collector.logIn());
      const body = await response.text();
      return /^headcount_broker_connections 1$/m.test(body) ? body : undefined;
    },
    'the end of all other connections',
    15_000,
  );
  expect(Number(/^headcount_broker_refusals_total (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(100);
}, 120_000);
