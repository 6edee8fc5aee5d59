import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enlist } from '../../../collector/src/simulator/enlist.js';
import { SimulatedFleet } from '../../../collector/src/simulator/fleet.js';
import { planFleet } from '../../../collector/src/simulator/plan.js';
import { Random } from '../../../collector/src/simulator/random.js';
import { Stack } from '../stack.js';
import { compareWithStore, type Comparison } from './compare.js';

const GATEWAYS = 10;
const MINUTE_MS = 60_000;
/** Small batches, so that there are many moments in which to kill. */
const BATCH = 25;
/** The collector is killed so long after a gateway is back (ms, at most). */
const MOMENT_MS = 250;
const SETTLE_MS = 300_000;
/** Short, because receipts are lost on purpose. */
const RECEIPT_TIMEOUT_MS = 1000;

/** What a run is made of; `databaseUrl` for PostgreSQL. */
export interface KillOptions {
  readonly kills: number;
  readonly records: number;
  readonly seed: number;
  readonly databaseUrl?: string | undefined;
}

/** Kill the collector at random moments of a replay, and see that every record is stored once. */
export async function killCollector(options: KillOptions): Promise<Comparison & { kills: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-kill-'));
  const env = options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl };
  const stack = await Stack.create(folder, { usualPorts: false, timeZone: 'UTC', env });
  await stack.startCollector();
  const plan = planFleet(GATEWAYS, 1);
  const passwords = await enlist(stack.database, plan);
  const faults = { duplicates: 0.05, lostReceipts: 0.05 };
  const fleet = new SimulatedFleet({
    url: stack.mqttUrl,
    plan,
    passwords,
    seed: options.seed,
    faults,
    batch: BATCH,
    receiptTimeoutMs: RECEIPT_TIMEOUT_MS,
  });
  const start = Date.now() - options.records * MINUTE_MS;
  for (let index = 0; index < options.records / GATEWAYS; index++)
    for (const { recorder } of fleet.gateways) recorder.record(start + index * MINUTE_MS, MINUTE_MS);
  const random = new Random(options.seed);
  let kills = 0;
  try {
    for (const gateway of fleet.gateways) gateway.start();
    while (kills < options.kills && fleet.waiting > 0) {
      while (fleet.connected === 0) await sleep(5);
      await sleep(random.next() * MOMENT_MS);
      if (fleet.waiting === 0) break;
      await stack.collector?.kill();
      kills += 1;
      await stack.startCollector();
    }
    await fleet.settled(SETTLE_MS);
  } finally {
    await fleet.stop();
    await stack.stop();
  }
  const found = await compareWithStore(fleet, stack.database);
  rmSync(folder, { recursive: true, force: true });
  return { ...found, kills };
}
