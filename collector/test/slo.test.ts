import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { slosSchema } from '../src/schema/slo.js';
import { Answers } from '../src/slo/answers.js';
import { addToBuckets, bucketStart, bucketSums, purgeBuckets } from '../src/slo/buckets.js';
import { sloReport } from '../src/slo/report.js';
import { recordUptime } from '../src/slo/uptime.js';
import { openStore, type Store } from '../src/store/store.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-03-02T10:02Z');

async function emptyStore(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-slo-'));
  const store = await openStore(join(folder, 'x.sqlite'));
  onTestFinished(async () => {
    await store.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}

test('every instant since the first start is up or down once, through restarts, stalls and clocks set back', async () => {
  const store = await emptyStore();
  const run = async (upSince: number, from: number, to: number) => {
    for (let at = from; at <= to; at += 30 * SECOND) await recordUptime(store, upSince, at);
  };
  const sums = async () => (await bucketSums(store, 0)).get('collector-uptime');
  await run(START, START, START + 10 * MINUTE);
  expect(await sums()).toMatchObject({ good: 10 * MINUTE, bad: 0, unknown: 2 * MINUTE });
  // Off for 20 s, which is short, and down all the same.
  const again = START + 10 * MINUTE + 20 * SECOND;
  await run(again, again, again + 10 * MINUTE);
  expect(await sums()).toMatchObject({ good: 20 * MINUTE, bad: 20 * SECOND });
  // Another collector took over, and was running all the time.
  const other = again + 10 * MINUTE + 20 * SECOND;
  await run(0, other, other);
  expect(await sums()).toMatchObject({ good: 20 * MINUTE + 20 * SECOND, bad: 20 * SECOND });
  // It stood still, and the clock was set back by a minute afterwards: told once.
  await run(again, other + 5 * MINUTE, other + 5 * MINUTE);
  await run(again, other + 4 * MINUTE, other + 5 * MINUTE);
  expect(await sums()).toMatchObject({ good: 20 * MINUTE + 20 * SECOND, bad: 5 * MINUTE + 20 * SECOND });
  // Off for a year: no more is told than is kept.
  const late = START + 365 * DAY;
  await run(late, late, late);
  await purgeBuckets(store, late);
  const rows = await store.selectFrom('slo_bucket').selectAll().execute();
  expect(rows.length).toBeLessThanOrEqual((90 * DAY) / (5 * MINUTE) + 1);
  for (const { good, bad, unknown } of rows) expect(good + bad + unknown).toBeLessThanOrEqual(5 * MINUTE);
  expect(await sums()).toMatchObject({ good: 0, bad: expect.closeTo(90 * DAY, -6) as number });
});

test('answers of every collector add up, late ones by their average, and what only waits is left out', async () => {
  const store = await emptyStore();
  const now = START + HOUR;
  const [one, two] = [new Answers(), new Answers()];
  const route = '/api/v1/counts';
  for (let index = 0; index < 990; index++) one.add({ route, status: 200 }, 0.05);
  one.add({ route, status: 503 }, 1);
  one.add({ route: '/api/v1/live', status: 200 }, 3600);
  one.add({ route: '/metrics', status: 500 }, 3600);
  for (let index = 0; index < 9; index++) two.add({ route, status: 404 }, 0.21);
  for (const answers of [one, two]) await addToBuckets(store, answers.take(bucketStart(now)));
  expect(one.take(bucketStart(now))).toEqual([]);
  const { slos } = await sloReport(store, now);
  const [latency, errors] = slos;
  expect(latency).toMatchObject({ id: 'api-latency', good: 991, bad: 9, met: true, coverage: 1 });
  expect(errors).toMatchObject({ id: 'api-errors', good: 999, bad: 1, goodShare: 0.999, met: true });
  expect(errors?.budget?.share).toBeCloseTo(0);
  expect(errors?.burn.map(({ rate, fast }) => [Math.round(rate ?? -1), fast])).toEqual([
    [1, false],
    [1, false],
  ]);
  // Hours later the short windows know nothing any more, the long one all.
  const later = (await sloReport(store, now + 7 * HOUR)).slos[1];
  expect([later?.burn.map(({ rate }) => rate), later?.bad]).toEqual([[null, null], 1]);
  expect((await sloReport(store, now + 29 * DAY)).slos[1]).toMatchObject({ met: null, budget: null });
});

test('a collector tells how it keeps its promises, also after a restart, and names the cameras that miss theirs', async () => {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby', { site: 'shop' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  const start = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
  const down = { observedMs: 0, gaps: [{ reason: 'stalled' as const, ms: MINUTE }] };
  await gateway.deliver(1, [countRecord(start), countRecord(start + MINUTE, down)]);
  await collector.get('/api/v1/cameras', await collector.logIn());
  await collector.stop();
  await collector.start();
  const answer = await collector.get('/api/v1/slo', await collector.logIn());
  expect(answer.status).toBe(200);
  const { slos } = slosSchema.parse(await answer.json());
  const [latency, errors, uptime, cameras] = slos;
  expect([latency?.good, errors?.good]).toEqual([2, 2]);
  expect(uptime?.good).toBeGreaterThan(0);
  // The time of the restart.
  expect(uptime?.bad).toBeGreaterThan(0);
  expect(cameras).toMatchObject({
    ...{ good: MINUTE, bad: MINUTE, goodShare: 0.5, met: false },
    cameras: { known: 1, missed: 1, worst: [{ gateway: 'lobby', id: 'door', availability: 0.5 }] },
    burn: [
      { hours: 1, rate: expect.closeTo(50) as number, fast: true },
      { hours: 6, rate: expect.closeTo(50) as number, fast: true },
    ],
  });
});
