import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GAP_REASONS, type CountRecord, type OutboxRecord } from '@headcount/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { purgeCounts } from '../src/counts/retention.js';
import { askForRebuild, rebuildRollups } from '../src/counts/rollups.js';
import { bucketAt } from '../src/counts/zone.js';
import { addGateway } from '../src/fleet/fleet.js';
import { storeBatch } from '../src/ingest/batch.js';
import { openStore, type Store } from '../src/store/store.js';
import { countRecord } from './_util/gateway.js';
import { TestPostgres } from './_util/postgres.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The night in which Berlin's clocks go back, so that a day has 25 hours. */
const START = Date.parse('2026-10-24T20:00Z');

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

async function emptyStore(kind: 'SQLite' | 'PostgreSQL', timeZone: string): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-rollups-'));
  const store = await openStore(kind === 'SQLite' ? join(folder, 'x.sqlite') : await postgres.database());
  onTestFinished(async () => {
    await store.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
  await addGateway(store, { name: 'lobby', site: 'shop', timeZone }, { defaultTimeZone: 'UTC', now: 0 });
  return store;
}

/** Send a batch to the store as ingest does. */
async function send(store: Store, epoch: string, firstSeq: number, records: readonly OutboxRecord[]) {
  const message = { v: 1, epoch, firstSeq, sentAt: 0, historical: true, records } as const;
  await storeBatch(
    store,
    { gateway: 'lobby', topic: 't', message: { ...message, records: [...records] } },
    START,
  );
}

const table = (store: Store, name: 'rollup' | 'rollup_part') =>
  store
    .selectFrom(name)
    .selectAll()
    .orderBy('size')
    .orderBy('start_at')
    .orderBy('camera')
    .orderBy('id')
    .execute()
    .then((rows) => rows.map((row) => JSON.stringify(row)).sort());

const sums = async (store: Store) => [await table(store, 'rollup'), await table(store, 'rollup_part')];

async function inOf(store: Store, size: 'hour' | 'day' | 'month'): Promise<number> {
  const { total } = await store
    .selectFrom('rollup')
    .select(({ fn }) => fn.sum<number>('in_count').as('total'))
    .where('size', '=', size)
    .executeTakeFirstOrThrow();
  return total;
}

const withoutSpread = (rows: readonly string[]) => rows.map((row) => row.replace(/"spread":./, ''));

/** Any interval from one minute to an hour within two days around the change of the clocks. */
const interval = fc
  .record({
    minute: fc.integer({ min: 0, max: 2 * 24 * 60 }),
    minutes: fc.constantFrom(1, 1, 1, 5, 15, 60),
    line: fc.constantFrom('a', 'b'),
    in: fc.integer({ min: 0, max: 50 }),
    out: fc.integer({ min: 0, max: 50 }),
    lost: fc.integer({ min: 0, max: 60_000 }),
    reason: fc.constantFrom(...GAP_REASONS),
    people: fc.option(fc.integer({ min: 0, max: 9 })),
    suspect: fc.subarray(['moved', 'frozen'] as ('moved' | 'frozen')[]),
  })
  .map(({ minute, minutes, line, in: entered, out, lost, reason, people, suspect }): CountRecord => {
    const lengthMs = minutes * MINUTE;
    return countRecord(START + Math.floor(minute / minutes) * lengthMs, {
      ...{ line, lengthMs, in: entered, out, suspect, observedMs: lengthMs - lost },
      gaps: lost > 0 ? [{ reason, ms: lost }] : [],
      occupancy: people === null ? null : { min: 0, max: people, mean: people / 2 },
    });
  });

describe.each(['SQLite', 'PostgreSQL'] as const)('sums on %s', (kind) => {
  test('grow with every batch to what they are when they are made anew, and lose nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(interval, { minLength: 1, maxLength: 20 }), { maxLength: 5 }),
        async (batches) => {
          const store = await emptyStore(kind, 'Europe/Berlin');
          const epoch = randomUUID();
          let seq = 1;
          for (const records of batches) {
            await send(store, epoch, seq, records);
            await send(store, epoch, seq, records);
            seq += records.length;
          }
          const grown = await sums(store);
          await askForRebuild(store, 'shop', 0);
          await rebuildRollups(store);
          // A quarter does not know how far the interval reached that was spread over it.
          expect((await sums(store)).map(withoutSpread)).toEqual(grown.map(withoutSpread));
          for (const name of ['rollup', 'rollup_part'] as const) await store.deleteFrom(name).execute();
          await askForRebuild(store, 'shop', 0);
          await rebuildRollups(store);
          expect(await sums(store)).toEqual(grown);
          const all = batches.flat();
          for (const size of ['quarter', 'hour', 'day', 'month'] as const) {
            const total = await store
              .selectFrom('rollup')
              .select(({ fn }) => [
                fn.sum<number | null>('in_count').as('in'),
                fn.sum<number | null>('observed_ms').as('ms'),
              ])
              .where('size', '=', size)
              .executeTakeFirst();
            expect(total?.in ?? 0).toBe(all.reduce((sum, record) => sum + record.in, 0));
            expect(total?.ms ?? 0).toBe(all.reduce((sum, record) => sum + record.observedMs, 0));
          }
        },
      ),
      { numRuns: kind === 'SQLite' ? 25 : 8 },
    );
  });

  test('follow the site to another time zone', async () => {
    const store = await emptyStore(kind, 'Europe/Berlin');
    await send(store, randomUUID(), 1, [
      countRecord(START, { in: 3 }),
      countRecord(START + 9 * HOUR, { in: 4, lengthMs: HOUR, observedMs: HOUR }),
    ]);
    await store.updateTable('site').set({ time_zone: 'Asia/Kathmandu' }).execute();
    await askForRebuild(store, 'shop', 0);
    expect(await rebuildRollups(store)).toEqual(['lobby']);
    expect(await rebuildRollups(store)).toEqual([]);
    const days = await store.selectFrom('rollup').selectAll().where('size', '=', 'day').execute();
    const { start, end } = bucketAt('Asia/Kathmandu', 'day', START);
    expect(days).toMatchObject([{ start_at: start, end_at: end, in_count: 7 }]);
  });

  test('that are older than the quarters which are kept stay when the site moves to another time zone', async () => {
    const store = await emptyStore(kind, 'Europe/Berlin');
    const months = [0, 31, 61, 92, 122, 150].map((days) => START + days * 24 * HOUR);
    await send(
      store,
      randomUUID(),
      1,
      months.map((start) => countRecord(start, { in: 3 })),
    );
    const after = START + 10 * 24 * HOUR;
    await purgeCounts(store, { minutes: after, quarters: after, events: after });
    await store.updateTable('site').set({ time_zone: 'Asia/Kathmandu' }).execute();
    await askForRebuild(store, 'shop', 0);
    await rebuildRollups(store);
    for (const size of ['hour', 'day', 'month'] as const)
      expect([size, await inOf(store, size)]).toEqual([size, 3 * months.length]);
    const newest = bucketAt('Asia/Kathmandu', 'day', months.at(-1) ?? 0).start;
    const days = await store.selectFrom('rollup').select('start_at').where('size', '=', 'day').execute();
    expect(days.map(({ start_at }) => start_at)).toContain(newest);
  });

  test('are not counted twice where the intervals are kept longer than the quarters', async () => {
    const store = await emptyStore(kind, 'UTC');
    await send(store, randomUUID(), 1, [countRecord(START, { in: 3 })]);
    await purgeCounts(store, { minutes: START - HOUR, quarters: START + HOUR, events: START });
    await askForRebuild(store, 'shop', 0);
    await rebuildRollups(store);
    for (const size of ['hour', 'day', 'month'] as const)
      expect([size, await inOf(store, size)]).toEqual([size, 3]);
  });

  test('outlive the intervals that they sum', async () => {
    const store = await emptyStore(kind, 'UTC');
    await send(store, randomUUID(), 1, [
      countRecord(START, { in: 3 }),
      countRecord(START + 48 * HOUR, { in: 4 }),
    ]);
    const keep = { minutes: START + HOUR, quarters: START + HOUR, events: START + HOUR };
    expect(await purgeCounts(store, keep)).toMatchObject({ count_interval: 1, rollup: 1, camera_edge: 0 });
    const left = await store.selectFrom('rollup').select(['size', 'in_count']).orderBy('start_at').execute();
    expect(left.map(({ size, in_count }) => `${size} ${in_count}`).sort()).toEqual([
      'day 3',
      'day 4',
      'hour 3',
      'hour 4',
      'month 7',
      'quarter 4',
    ]);
  });
});
