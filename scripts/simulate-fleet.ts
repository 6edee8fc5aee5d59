/** Simulated gateways over the real protocol: fills a collector's console, and loads it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadConfig, storePlace } from '../collector/src/config/config.js';
import { enlist } from '../collector/src/simulator/enlist.js';
import { SimulatedFleet } from '../collector/src/simulator/fleet.js';
import { planFleet } from '../collector/src/simulator/plan.js';

const USAGE = `Usage: npm run simulate-fleet -- --collector-config <file> [options]

Adds simulated gateways to a collector on this machine and lets them count until stopped (Ctrl-C). Every number comes from
day profiles of shops, stations and campuses; the same seed gives the same people.

  --collector-config <file>  configuration of the collector: its database gets the gateways, its broker their counts
  --gateways <n>             gateways (default 50)
  --cameras <n>              cameras of each (default 2)
  --days <n>                 days of history that are sent first (default 0)
  --seed <n>                 (default 1)
  --outages <share>          gateways that are cut off after the start, 0 to 1 (default 0)
  --dead-cameras <share>     gateways whose first camera gives no picture (default 0)
  --duplicates <share>       batches that are sent twice (default 0)
  --lost-receipts <share>    receipts that the gateways do not hear (default 0)
  --for <seconds>            end by itself, after everything is receipted
  --help                     show this text

Exit codes: 0 fine, 1 failed, 2 wrong usage.`;

const PROGRESS_MS = 5000;
const SETTLE_MS = 600_000;
const BATCH = 100;

/** @throws RangeError that names the option */
function numberOf(
  name: string,
  text: string | undefined,
  range: { min: number; max: number; or: number },
): number {
  const value = text === undefined ? range.or : Number(text);
  if (!(value >= range.min && value <= range.max))
    throw new RangeError(`--${name} ${String(text)}: write a number from ${range.min} to ${range.max}`);
  return value;
}

function readOptions() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      ...{ 'collector-config': text, gateways: text, cameras: text, days: text, seed: text, for: text },
      ...{ outages: text, 'dead-cameras': text, duplicates: text, 'lost-receipts': text },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const share = { min: 0, max: 1, or: 0 };
  return {
    help: values.help === true,
    config: values['collector-config'],
    gateways: numberOf('gateways', values.gateways, { min: 1, max: 5000, or: 50 }),
    cameras: numberOf('cameras', values.cameras, { min: 1, max: 64, or: 2 }),
    days: numberOf('days', values.days, { min: 0, max: 400, or: 0 }),
    seed: numberOf('seed', values.seed, { min: 0, max: 2 ** 31, or: 1 }),
    outages: numberOf('outages', values.outages, share),
    deadCameras: numberOf('dead-cameras', values['dead-cameras'], share),
    faults: {
      duplicates: numberOf('duplicates', values.duplicates, share),
      lostReceipts: numberOf('lost-receipts', values['lost-receipts'], { ...share, max: 0.9 }),
    },
    seconds: values.for === undefined ? undefined : numberOf('for', values.for, { min: 1, max: 1e6, or: 1 }),
  };
}

async function run(options: ReturnType<typeof readOptions>, signal: AbortSignal): Promise<void> {
  const config = loadConfig(options.config ?? '');
  const plan = planFleet(options.gateways, options.cameras);
  const passwords = await enlist(storePlace(config), plan);
  console.log(`${plan.length} gateways added`);
  const url = `mqtt://${config.mqtt.host}:${config.mqtt.port}`;
  const fleet = new SimulatedFleet({
    url,
    plan,
    passwords,
    seed: options.seed,
    faults: options.faults,
    batch: BATCH,
  });
  fleet.addHistory(options.days, Date.now());
  fleet.start();
  fleet.killCameras(options.deadCameras, Date.now());
  const progress = setInterval(
    () => console.log(`${fleet.connected} of ${plan.length} connected, ${fleet.waiting} records waiting`),
    PROGRESS_MS,
  );
  try {
    if (options.outages > 0) {
      await fleet.settled(SETTLE_MS);
      await fleet.cut(options.outages);
    }
    await sleep((options.seconds ?? 2 ** 31 / 1000 - 1) * 1000, undefined, { signal }).catch(() => undefined);
    if (options.seconds !== undefined && !signal.aborted) await fleet.settled(SETTLE_MS);
  } finally {
    clearInterval(progress);
    await fleet.stop();
  }
  const truths = fleet.gateways.flatMap(({ recorder }) => [...recorder.truth.values()]);
  const sum = (pick: (truth: (typeof truths)[number]) => number) =>
    truths.reduce((total, one) => total + pick(one), 0);
  console.log(
    `counted: in ${sum((one) => one.in)}, out ${sum((one) => one.out)}, ${sum((one) => one.records)} intervals`,
  );
}

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
  let options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`simulate-fleet: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.help || options.config === undefined) {
    console.log(USAGE);
    return options.help ? 0 : 2;
  }
  try {
    await run(options, stop.signal);
    return 0;
  } catch (error) {
    console.error(`simulate-fleet: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

process.exitCode = await main();
