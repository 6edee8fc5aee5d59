/**
 * A broker in a process of its own, for the benchmark: `ours` is the collector's with its rules, where a message of pub-1
 * goes on to sub-1 as the collector's own messages do, because no gateway may hear another; `aedes` is what is inside it,
 * alone.
 */
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { pino } from 'pino';
import { Broker } from '../../src/broker/broker.js';
import { listen } from '../../src/broker/listen.js';
import { hashSecret } from '../../src/security/secrets.js';

const HOST = '127.0.0.1';
const [kind = '', password = '', payloadBytes = ''] = process.argv.slice(2);
/** A message of the wanted length. */
const MESSAGE = { text: 'x'.repeat(Number(payloadBytes) - JSON.stringify({ text: '' }).length) };

async function ours(): Promise<number> {
  const stored = hashSecret(password);
  const known = new Map<string, readonly string[]>();
  const nothing = () => Promise.resolve(undefined);
  const broker: Broker = new Broker({
    ...{ host: HOST, port: 0, maxConnections: 1000, now: Date.now, logger: pino({ level: 'warn' }) },
    // Everybody who asks is let in.
    secrets: (gateway) => Promise.resolve(gateway === undefined ? known : known.set(gateway, [stored])),
    certificates: { problem: nothing, used: nothing },
    onMessage: ({ gateway }) => broker.publish(gateway.replace('pub', 'sub'), 'receipt', MESSAGE),
    onDisconnect: nothing,
  });
  return (await broker.start()).port;
}

async function bare(): Promise<number> {
  const aedes = await Aedes.createBroker({ concurrency: 1100, maxInflightInbound: 0 });
  return listen(
    createServer((socket) => aedes.handle(socket)),
    { host: HOST, port: 0 },
  );
}

process.stdout.write(`listening ${await (kind === 'ours' ? ours() : bare())}\n`);
