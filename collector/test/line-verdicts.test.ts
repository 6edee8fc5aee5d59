import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lineKey } from '../src/accuracy/evidence.js';
import { linesAccuracy } from '../src/accuracy/lines.js';
import { readRisks } from '../src/accuracy/read-risks.js';
import { risksIn } from '../src/accuracy/stored-verdicts.js';
import { VerdictKeeper } from '../src/accuracy/verdict-keeper.js';
import { bucketAt, daysBefore } from '../src/counts/zone.js';
import { manualAuditsSchema } from '../src/schema/manual-audits.js';
import type { Store } from '../src/store/store.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { TestPostgres } from './_util/postgres.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ZONE = 'Asia/Ho_Chi_Minh';
const LINE = { gateway: 'lobby', camera: 'door', line: 'entrance' };
const MODEL = 'a'.repeat(64);
/** Weeks of hours by which yesterday is told from its weekday. */
const DAYS_BACK = 30;
const BATCH = 200;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

/** What is stored of the lines, and what is worked out for them at the same time. */
async function bothOf(store: Store, now: number) {
  const rows = await store.selectFrom('line_verdict').selectAll().execute();
  const { byLine } = await readRisks(store, now);
  return {
    stored: rows.map(({ verdict, lower, due, risks, ...line }) => ({
      ...{ line: lineKey(line), verdict, lower, due, risks: risksIn(risks) },
    })),
    computed: (await linesAccuracy(store, now)).map(({ verdict, lower, due, ...line }) => ({
      ...{ line: lineKey(line), verdict, lower, due, risks: byLine.get(lineKey(line)) ?? [] },
    })),
  };
}

async function setUp(databaseUrl: string | undefined) {
  const collector = await startCollector(databaseUrl === undefined ? {} : { databaseUrl });
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone: ZONE });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  const cookie = await collector.logIn();
  /** The keeper has run at this time; what is stored is what is worked out. */
  const agreed = async (now = Date.now()) =>
    collector.withStore(async (store) => {
      const keeper = new VerdictKeeper({ store, now: () => now, logger: pino() });
      await keeper.lookForRisks();
      await keeper.judgeDue();
      const { stored, computed } = await bothOf(store, now);
      expect(stored).toEqual(computed);
      return stored;
    });
  let seq = 1;
  return {
    ...{ collector, gateway, cookie, agreed },
    /** As above, without the keeper. */
    atOnce: () =>
      collector.withStore(async (store) => {
        const { stored, computed } = await bothOf(store, Date.now());
        expect(stored).toEqual(computed);
        return stored;
      }),
    deliver: async (records: readonly unknown[]) => {
      for (let index = 0; index < records.length; index += BATCH) {
        const batch = records.slice(index, index + BATCH);
        await gateway.deliver(seq, batch);
        seq += batch.length;
      }
    },
    tally: (from: number, minutes: number) =>
      collector.post('/api/v1/accuracy/tallies', tallyOf(from, minutes), { cookie }),
  };
}

/** Five in every minute. */
function tallyOf(from: number, minutes: number) {
  const crossings = Array.from({ length: 5 * minutes }, (_, index) => ({
    at: from + index * 12_000 + 3500,
    direction: 'in',
  }));
  return { id: randomUUID(), ...LINE, from, to: from + minutes * MINUTE, crossings };
}

const counts = (from: number, minutes: number, changes: object = {}) =>
  Array.from({ length: minutes }, (_, index) =>
    countRecord(from + index * MINUTE, { in: 5, out: 0, ...changes }),
  );

const clip = (at: number, source: object = {}) => ({
  kind: 'audit',
  result: {
    ...{ ...LINE, from: at, to: at + 6000, sha256: 'b'.repeat(64), stratum: 'crossing', kept: 1, of: 1 },
    ...{ person: { in: 5, out: 0 }, machine: { in: 5, out: 0 }, answeredAt: at + MINUTE },
    ...{ configVersion: 'test', modelHash: MODEL, ...source },
  },
  signature: 's',
  publicKey: 'p',
});

/** A hundred people every day, five hundred yesterday; up to `until`. */
function weeks(until: number) {
  const today = bucketAt(ZONE, 'day', until).start;
  const yesterday = daysBefore(ZONE, today, 1);
  const first = daysBefore(ZONE, today, DAYS_BACK);
  return Array.from({ length: Math.floor((until - first) / HOUR) }, (_, index) => {
    const start = first + index * HOUR;
    const crowd = start === yesterday + 10 * HOUR ? 500 : index % 24 === 10 ? 100 : 0;
    return countRecord(start, { lengthMs: HOUR, observedMs: HOUR, in: crowd });
  });
}

test.each(['SQLite', 'PostgreSQL'])('what is stored of lines is what is worked out, on %s', async (kind) => {
  const url = kind === 'PostgreSQL' ? await postgres.database() : undefined;
  const { collector, gateway, cookie, agreed, atOnce, deliver, tally } = await setUp(url);
  await gateway.sayHello();
  await deliver([clip(Date.now() - 3 * DAY)]);
  const line = 'lobby/door/entrance';
  expect(await agreed()).toMatchObject([{ line, verdict: 'inconclusive', due: 'too-few', risks: [] }]);

  // Signs, and who counted while they were there.
  const now = Date.now();
  const start = Math.floor(now / HOUR) * HOUR - 3 * HOUR;
  await deliver(weeks(start));
  expect(await agreed()).toMatchObject([
    { due: 'risk', risks: [{ kind: 'weekday-change', value: 500, expected: 100 }] },
  ]);
  expect((await tally(start, 20)).status).toBe(201);
  expect(await atOnce()).toMatchObject([{ due: 'risk' }]);
  // The tally waits for these; then for whatever fills the hole that is left.
  await deliver(counts(start, 10));
  await agreed();
  await deliver(counts(start + 12 * MINUTE, 20));
  expect(await agreed()).toMatchObject([{ verdict: 'pass', due: null }]);
  await deliver(counts(start + 10 * MINUTE, 2));
  const [proven] = await agreed();
  expect(proven?.lower).toBeGreaterThan(0.97);

  // Another configuration, another model, another picture.
  await deliver(counts(start + HOUR, 2, { configVersion: 'new' }));
  expect(await agreed()).toMatchObject([{ due: 'config-changed' }]);
  await deliver(counts(start + HOUR + 2 * MINUTE, 2, { modelHash: 'c'.repeat(64), configVersion: 'new' }));
  expect(await agreed()).toMatchObject([{ due: 'model-changed' }]);
  const newest = { modelHash: 'c'.repeat(64), configVersion: 'new' };
  await deliver(Array.from({ length: 20 }, (_, index) => clip(start + HOUR + index * 10_000, newest)));
  expect(await agreed()).toMatchObject([{ verdict: 'pass', due: null }]);
  const scene = (at: number, active: string[], accepted: boolean) => ({
    ...{ kind: 'scene', camera: 'door', at, active, accepted },
  });
  await deliver([scene(start + 2 * HOUR, ['moved'], false)]);
  expect(await agreed()).toMatchObject([{ due: null }]);
  await deliver([scene(start + 2 * HOUR + MINUTE, [], true)]);
  expect(await agreed()).toMatchObject([{ due: 'pose-changed' }]);

  // An import that says that the line is wrong, and its removal.
  const from = start + 2 * HOUR + 2 * MINUTE;
  await deliver(counts(from, 10, newest));
  await agreed();
  const file = `from,to,in,out\n${new Date(from).toISOString()},${new Date(from + 10 * MINUTE).toISOString()},100,0`;
  const imported = await fetch(
    `${collector.httpUrl}/api/v1/accuracy/imports?${new URLSearchParams(LINE).toString()}`,
    { method: 'POST', body: file, headers: { cookie, 'content-type': 'text/csv' } },
  );
  expect(await imported.json()).toMatchObject({ stored: 1 });
  expect(await atOnce()).toMatchObject([{ verdict: 'fail', due: null }]);
  const { audits } = manualAuditsSchema.parse(
    await (await collector.get('/api/v1/accuracy/audits', cookie)).json(),
  );
  const id = audits.find(({ method }) => method === 'import')?.id ?? '';
  await fetch(`${collector.httpUrl}/api/v1/accuracy/audits/${id}`, { method: 'DELETE', headers: { cookie } });
  expect(await atOnce()).toMatchObject([{ verdict: 'inconclusive', due: 'pose-changed' }]);

  // Time alone.
  expect(await agreed(now + 2 * DAY)).toMatchObject([{ due: 'pose-changed' }]);
  expect(await agreed(now + 101 * DAY)).toMatchObject([{ due: 'too-old' }]);
});

test('a line that is not in use leaves nothing behind, and one that comes waits to be judged', async () => {
  const { collector, gateway } = await setUp(undefined);
  const line = (id: string) => ({
    ...{ id, name: id, from: [0, 0.5] as [number, number], via: [], to: [1, 0.5] as [number, number] },
    ...{ directions: { in: 'in', out: 'out' }, entrance: false },
  });
  const hello = (...ids: string[]) =>
    gateway.sayHello({ cameras: [{ id: 'door', name: 'Door', zones: [], lines: ids.map(line) }] });
  const rows = () =>
    collector.withStore((store) =>
      store.selectFrom('line_verdict').select(['line', 'judge_at', 'judged_at']).orderBy('line').execute(),
    );
  await hello('a', 'b');
  await expect.poll(rows).toMatchObject([{ line: 'a' }, { line: 'b' }]);
  await hello('b', 'c');
  await expect.poll(rows).toMatchObject([{ line: 'b' }, { line: 'c' }]);
  await collector.withStore((store) => store.deleteFrom('line').execute());
  expect(await rows()).toEqual([]);
});
