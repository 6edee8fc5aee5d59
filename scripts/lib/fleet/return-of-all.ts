import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enlist } from '../../../collector/src/simulator/enlist.js';
import { SimulatedFleet } from '../../../collector/src/simulator/fleet.js';
import { planFleet } from '../../../collector/src/simulator/plan.js';
import { ConsoleClient } from '../console-client.js';
import { Stack } from '../stack.js';
import { compareWithStore, type Comparison } from './compare.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const SETTLE_MS = 300_000;
const BATCH = 100;

/** What was seen of a fleet that came back. */
export interface Return extends Comparison {
  /** From the first CONNECT of all to the acknowledged birth of a gateway (ms). */
  readonly bornP95Ms: number;
  readonly drainedMs: number;
  /** Of the collector, resident (bytes). */
  readonly peakBytes: number;
  readonly online: number;
}

/** Gateways that were away for a day, with a record for every minute, come back in one moment. */
export async function returnOfAll(gateways: number): Promise<Return> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-return-'));
  const stack = await Stack.create(folder, { usualPorts: false, timeZone: 'UTC' });
  await stack.startCollector();
  const plan = planFleet(gateways, 1);
  const passwords = await enlist(stack.database, plan);
  const faults = { duplicates: 0.01, lostReceipts: 0 };
  const fleet = new SimulatedFleet({ url: stack.mqttUrl, plan, passwords, seed: 3, faults, batch: BATCH });
  const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - DAY_MINUTES * MINUTE_MS;
  for (let minute = 0; minute < DAY_MINUTES; minute++)
    for (const { recorder } of fleet.gateways) recorder.record(start + minute * MINUTE_MS, MINUTE_MS);
  const began = Date.now();
  let seen: Pick<Return, 'bornP95Ms' | 'drainedMs' | 'peakBytes' | 'online'>;
  try {
    for (const gateway of fleet.gateways) gateway.start();
    await fleet.settled(SETTLE_MS);
    const drainedMs = Date.now() - began;
    const births = fleet.gateways.map(({ bornAt }) => bornAt - began).sort((a, b) => a - b);
    const client = new ConsoleClient(stack.consoleUrl);
    await client.logIn('admin', stack.adminPassword);
    const states = await client.gateways();
    seen = {
      bornP95Ms: births[Math.floor(births.length * 0.95)] ?? Infinity,
      drainedMs,
      peakBytes: peakOf(stack.collector?.pid ?? 0),
      online: states.filter(({ status }) => status === 'online').length,
    };
  } finally {
    await fleet.stop();
    await stack.stop();
  }
  const found = await compareWithStore(fleet, stack.database);
  rmSync(folder, { recursive: true, force: true });
  return { ...found, ...seen };
}

function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
}
