/** What one collector process takes: records a second, two thousand gateways that only tick, and a row beside it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import { compareWithStore } from '../../scripts/lib/fleet/compare.js';
import { processorSeconds } from '../../scripts/lib/processor-seconds.js';
import { Stack } from '../../scripts/lib/stack.js';
import { enlist } from '../src/simulator/enlist.js';
import { SimulatedFleet } from '../src/simulator/fleet.js';
import { planFleet } from '../src/simulator/plan.js';
import { openStore } from '../src/store/store.js';

const RECORDS = 200_000;
const SENDERS = 40;
const BATCH = 100;
const MINUTE_MS = 60_000;
const IDLE_GATEWAYS = 2000;
const IDLE_MS = 60_000;
/** Rest before that: logins, subscriptions and the first look at each line are done once. */
const REST_MS = 60_000;
const SETTLE_MS = 300_000;
const NO_FAULTS = { duplicates: 0, lostReceipts: 0 };

export async function run(): Promise<BenchRow[]> {
  const bare = await bareInserts();
  const ingest = await sustained();
  const idle = await connected();
  return [
    {
      name: `better-sqlite3 alone, the same rows, commits of ${BATCH}, synchronous FULL`,
      value: `${Math.round(bare)} rows/s`,
    },
    {
      name: `ingest: ${SENDERS} gateways, batches of ${BATCH}, MQTT to commit and receipt`,
      value: `${Math.round(ingest.rate)} records/s`,
    },
    { name: 'ingest as a share of that', value: `${((100 * ingest.rate) / bare).toFixed(0)} %` },
    { name: 'stored of those sent', value: `${ingest.stored} of ${ingest.sent}` },
    {
      name: `${IDLE_GATEWAYS} connected gateways, one batch a minute: processor`,
      value: `${(100 * idle.share).toFixed(1)} % of a core`,
    },
    {
      name: `${IDLE_GATEWAYS} connected gateways: resident memory`,
      value: `${(idle.bytes / 2 ** 20).toFixed(0)} MiB`,
    },
  ];
}

/** Rows of `count_interval` by a prepared statement, into the same table with the same indexes. */
async function bareInserts(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-bench-'));
  const file = join(folder, 'bare.sqlite');
  const store = await openStore(file);
  await store.destroy();
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`INSERT INTO site (name, time_zone) VALUES ('s', 'UTC');
    INSERT INTO gateway (name, site, secret_hash, added_at, status) VALUES ('g', 's', 'x', 1, 'offline')`);
  const columns = db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .pluck()
    .all('count_interval') as string[];
  const insert = db.prepare(
    `INSERT INTO count_interval (${columns.join(', ')}) VALUES (${columns.map((name) => `@${name}`).join(', ')})`,
  );
  const batch = db.transaction((rows: object[]) => {
    for (const row of rows) insert.run(row);
  });
  const hash = 'a'.repeat(64);
  const began = performance.now();
  for (let seq = 0; seq < RECORDS; seq += BATCH) {
    batch(
      Array.from({ length: BATCH }, (_, index) => {
        const start_at = (seq + index) * MINUTE_MS;
        return {
          ...{
            gateway: 'g',
            epoch: '0b1f7f0e-6a57-4a0c-9d43-2d7a8c1e5f10',
            seq: seq + index,
            camera: 'cam-1',
            line: 'door',
          },
          ...{
            start_at,
            end_at: start_at + MINUTE_MS,
            in_count: 3,
            out_count: 2,
            total_in: seq,
            total_out: seq,
          },
          ...{ occupancy_min: 0, occupancy_max: 5, occupancy_mean: 1.5, observed_ms: MINUTE_MS, gaps: '[]' },
          ...{
            config_version: 'simulated',
            model_hash: hash,
            received_at: start_at,
            stitched: 0,
            suspect: null,
          },
        };
      }),
    );
  }
  const rate = RECORDS / ((performance.now() - began) / 1000);
  db.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

async function withFleet<T>(
  gateways: number,
  work: (fleet: SimulatedFleet, stack: Stack) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-bench-'));
  const stack = await Stack.create(folder, { usualPorts: false, timeZone: 'UTC' });
  await stack.startCollector();
  const plan = planFleet(gateways, 1);
  const passwords = await enlist(stack.database, plan);
  const fleet = new SimulatedFleet({
    url: stack.mqttUrl,
    plan,
    passwords,
    seed: 5,
    faults: NO_FAULTS,
    batch: BATCH,
  });
  try {
    return await work(fleet, stack);
  } finally {
    await fleet.stop();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sustained(): Promise<{ rate: number; sent: number; stored: number }> {
  return withFleet(SENDERS, async (fleet, stack) => {
    const each = RECORDS / SENDERS;
    const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - each * MINUTE_MS;
    for (let minute = 0; minute < each; minute++)
      for (const { recorder } of fleet.gateways) recorder.record(start + minute * MINUTE_MS, MINUTE_MS);
    const began = performance.now();
    for (const gateway of fleet.gateways) gateway.start();
    await fleet.settled(SETTLE_MS);
    const rate = RECORDS / ((performance.now() - began) / 1000);
    const { sent, stored } = await compareWithStore(fleet, stack.database);
    return { rate, sent: sent.intervals, stored: stored.intervals };
  });
}

async function connected(): Promise<{ share: number; bytes: number }> {
  return withFleet(IDLE_GATEWAYS, async (fleet, stack) => {
    fleet.start();
    await allConnected(fleet);
    await fleet.settled(SETTLE_MS);
    await sleep(REST_MS);
    const pid = stack.collector?.pid ?? 0;
    const before = processorSeconds(pid);
    await sleep(IDLE_MS);
    const share = (processorSeconds(pid) - before) / (IDLE_MS / 1000);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return { share, bytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024 };
  });
}

async function allConnected(fleet: SimulatedFleet): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  while (fleet.connected < IDLE_GATEWAYS) {
    if (performance.now() > end)
      throw new Error(`${fleet.connected} of ${IDLE_GATEWAYS} gateways are connected after ${SETTLE_MS} ms`);
    await sleep(100);
  }
}
