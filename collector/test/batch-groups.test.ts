import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsMessageSchema } from '@headcount/shared';
import { expect, onTestFinished, test } from 'vitest';
import { addGateway } from '../src/fleet/fleet.js';
import { BatchGroups } from '../src/ingest/batch-groups.js';
import { openStore } from '../src/store/store.js';
import { countRecord } from './_util/gateway.js';

const START = Date.UTC(2026, 0, 5);

/** A new database with gateways, and how many transactions it has ended well. */
async function storeWith(gateways: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-groups-'));
  let commits = 0;
  const onQuery = (text: string) => {
    if (text === 'commit') commits += 1;
  };
  const store = await openStore(join(folder, 'collector.sqlite'), { onQuery });
  onTestFinished(async () => {
    await store.destroy();
    rmSync(folder, { recursive: true });
  });
  for (const name of gateways)
    await addGateway(
      store,
      { name, site: 'shop', timeZone: undefined },
      { defaultTimeZone: 'UTC', now: START },
    );
  commits = 0;
  return { store, commits: () => commits };
}

function batchOf(gateway: string) {
  const records = [countRecord(START, { in: 1, totals: { in: 1, out: 0 } })];
  const envelope = { v: 1, epoch: randomUUID(), firstSeq: 1, sentAt: START, historical: false };
  return { gateway, topic: 'records', message: recordsMessageSchema.parse({ ...envelope, records }) };
}

const names = Array.from({ length: 40 }, (_, index) => `gateway-${index}`);

test('batches that come together share transactions, and each is stored', async () => {
  const { store, commits } = await storeWith(names);
  const groups = new BatchGroups(store, () => START);
  const results = await Promise.all(names.map((name) => groups.add(batchOf(name))));
  expect(results.map(({ receipt }) => receipt.storedUpTo)).toEqual(names.map(() => 1));
  // Thirty-two at most share one.
  expect(commits()).toBe(2);
  const { rows } = await store
    .selectFrom('count_interval')
    .select(({ fn }) => fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  expect(rows).toBe(names.length);
});

test('a batch that the schema refuses takes no other with it', async () => {
  const { store } = await storeWith(names.slice(0, 5));
  const groups = new BatchGroups(store, () => START);
  const results = await Promise.allSettled(
    [...names.slice(0, 5), 'nobody'].map((name) => groups.add(batchOf(name))),
  );
  expect(results.map(({ status }) => status)).toEqual([...Array<string>(5).fill('fulfilled'), 'rejected']);
});
