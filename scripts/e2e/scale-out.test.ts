/** Two collectors behind a load balancer, joined by PostgreSQL and Redis; one is killed while gateways send. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enlist } from '../../collector/src/simulator/enlist.js';
import { SimulatedFleet } from '../../collector/src/simulator/fleet.js';
import { planFleet } from '../../collector/src/simulator/plan.js';
import { TestPostgres } from '../../collector/test/_util/postgres.js';
import { until } from '../../collector/test/_util/until.js';
import { ConsoleClient } from '../lib/console-client.js';
import { compareWithStore } from '../lib/fleet/compare.js';
import { freePort } from '../lib/free-port.js';
import { startLoadBalancer, startRedis, type Server } from '../lib/servers.js';
import { Stack } from '../lib/stack.js';

const GATEWAYS = 50;
const MINUTES = 400;
const MINUTE_MS = 60_000;

let folder: string;
let postgres: TestPostgres;
let redis: Server;
let balancer: Server;
let env: Record<string, string>;
const stacks: Stack[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headcount-scale-out-'));
  postgres = await TestPostgres.start();
  redis = await startRedis(await freePort());
  env = { DATABASE_URL: await postgres.database(), REDIS_URL: `redis://127.0.0.1:${redis.port}` };
  for (const name of ['one', 'two']) {
    mkdirSync(join(folder, name));
    const stack = await Stack.create(join(folder, name), { usualPorts: false, timeZone: 'UTC', env });
    await stack.startCollector();
    stacks.push(stack);
  }
  const ports = stacks.map((stack) => stack.ports.mqtt);
  balancer = await startLoadBalancer(folder, await freePort(), ports);
});

afterAll(async () => {
  for (const stack of stacks) await stack.stop();
  await balancer.stop();
  await redis.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('has every count once when one collector is killed, and shows every gateway online at the other', async () => {
  const [one, two] = stacks;
  if (one === undefined || two === undefined) throw new Error('two collectors');
  const plan = planFleet(GATEWAYS, 1);
  const passwords = await enlist(env['DATABASE_URL'] ?? '', plan);
  const fleet = new SimulatedFleet({
    ...{ url: `mqtt://127.0.0.1:${balancer.port}`, plan, passwords, seed: 11, batch: 20 },
    ...{ faults: { duplicates: 0.02, lostReceipts: 0.02 }, receiptTimeoutMs: 1500 },
  });
  const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTES * MINUTE_MS;
  for (let minute = 0; minute < MINUTES; minute++)
    for (const { recorder } of fleet.gateways) recorder.record(start + minute * MINUTE_MS, MINUTE_MS);
  try {
    for (const gateway of fleet.gateways) gateway.start();
    await until(
      () => (fleet.waiting < 0.7 * GATEWAYS * MINUTES ? true : undefined),
      'the first third',
      60_000,
    );
    // Both work: the gateways are spread over them.
    for (const stack of stacks) expect(await connectionsOf(stack)).toBeGreaterThan(GATEWAYS / 4);
    await one.collector?.kill();
    await fleet.settled(120_000);
    await until(() => (fleet.connected === GATEWAYS ? true : undefined), 'every gateway', 30_000);
    const client = new ConsoleClient(two.consoleUrl);
    await client.logIn('admin', one.adminPassword);
    const states = await until(
      async () => {
        const gateways = await client.gateways();
        return gateways.every(({ status }) => status === 'online') ? gateways : undefined;
      },
      'every gateway online',
      60_000,
    );
    expect(states).toHaveLength(GATEWAYS);
    // The timers go to the one that is left.
    await until(
      () =>
        readFileSync(two.file('collector.log'), 'utf8').includes('this collector runs the timers')
          ? true
          : undefined,
      'the timers',
      60_000,
    );
    // A collector that comes back does not turn the others' gateways off.
    await one.startCollector();
    await sleep(3000);
    expect((await client.gateways()).every(({ status }) => status === 'online')).toBe(true);
  } finally {
    await fleet.stop();
  }
  const { sent, stored, summed, ledgerGaps, holes } = await compareWithStore(
    fleet,
    env['DATABASE_URL'] ?? '',
  );
  expect(stored).toEqual(sent);
  expect(summed).toEqual({ in: sent.in, out: sent.out });
  expect({ ledgerGaps, holes }).toEqual({ ledgerGaps: 0, holes: 0 });
});

async function connectionsOf(stack: Stack): Promise<number> {
  const client = new ConsoleClient(stack.consoleUrl);
  await client.logIn('admin', stacks[0]?.adminPassword ?? '');
  const text = await client.metrics();
  return Number(/^headcount_broker_connections (\d+)$/m.exec(text)?.[1]);
}
