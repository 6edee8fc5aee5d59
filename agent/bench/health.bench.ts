import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import si from 'systeminformation';
import type { BenchRow } from '../../scripts/lib/bench-table.js';
import { diskUse, diskWear } from '../src/health/disk.js';
import { EventLoopDelay } from '../src/health/event-loop.js';
import { temperature, throttling } from '../src/health/heat.js';
import { HostSampler } from '../src/health/host-sampler.js';
import { networkCounters } from '../src/health/network.js';
import { readClock } from '../src/health/time-service.js';

/** The agent takes a sample in this time (ms). */
const PERIOD_MS = 60_000;
/** The kernel tells the CPU time of ended children in ticks of 10 ms, so that one call alone would show nothing. */
const CALLS = 100;
const TICK_MS = 10;
const WATCH_MS = 5000;

/**
 * CPU time of every call of a host sample, processes that it starts included, and its share of one core at the agent's
 * period. The calls of systeminformation that the agent does without are measured beside what stands in their place.
 */
export async function run(): Promise<BenchRow[]> {
  const root = '';
  const { signal } = new AbortController();
  const sampler = new HostSampler({
    dataDir: tmpdir(),
    outboxWaiting: () => 0,
    clock: () => ({ synchronised: null, offsetMs: null }),
    now: Date.now,
    monotonic: () => performance.now(),
  });
  const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['processor: si.currentLoad', () => si.currentLoad()],
    ['memory: si.mem', () => si.mem()],
    ['disk: statfs, wear', () => Promise.all([diskUse(tmpdir()), diskWear(tmpdir(), root)])],
    ['disk: si.fsSize (not used)', () => si.fsSize()],
    ['network: /proc and /sys', () => networkCounters(root)],
    ['network: si.networkStats (not used)', () => si.networkStats()],
    ['temperature, throttling: /sys', () => Promise.all([temperature(root), throttling(root)])],
    ['temperature: si.cpuTemperature (not used)', () => si.cpuTemperature()],
    ['clock: time service', () => readClock(root, signal)],
    ['whole sample', () => sampler.sample()],
  ];
  const rows: BenchRow[] = [];
  for (const [name, call] of calls) rows.push({ name, value: describe(await cost(call), PERIOD_MS) });
  return [
    ...rows,
    { name: 'event loop, watched all the time', value: describe(await watchCost(), WATCH_MS) },
  ];
}

/** CPU ms of one call: own, and of the processes that it started. */
interface Cost {
  readonly own: number;
  readonly children: number;
}

async function cost(call: () => Promise<unknown>): Promise<Cost> {
  // The first call compiles and fills caches, which happens once in the life of an agent.
  await call();
  const before = used();
  for (let index = 0; index < CALLS; index++) await call();
  const after = used();
  return {
    own: (after.own - before.own) / CALLS,
    children: (after.children - before.children) / CALLS,
  };
}

async function watchCost(): Promise<Cost> {
  const idle = await overTime();
  const loop = new EventLoopDelay();
  loop.start();
  const watched = await overTime();
  loop.stop();
  return { own: Math.max(0, watched - idle), children: 0 };
}

async function overTime(): Promise<number> {
  const before = used().own;
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  return used().own - before;
}

function used(): Cost {
  const { user, system } = process.cpuUsage();
  // proc(5): cutime and cstime are fields 16 and 17; the name in field 2 may hold spaces.
  const [, fields = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ');
  const [childUser = 0, childSystem = 0] = fields.split(' ').slice(13, 15).map(Number);
  return { own: (user + system) / 1000, children: (childUser + childSystem) * TICK_MS };
}

function describe({ own, children }: Cost, periodMs: number): string {
  const share = (100 * (own + children)) / periodMs;
  return `${own.toFixed(2)} ms, its processes ${children.toFixed(1)} ms: ${share.toFixed(3)} % of a core`;
}
