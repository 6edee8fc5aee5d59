import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { storePlace } from '../src/config/config.js';
import { addDeadLetter } from '../src/ingest/dead-letters.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const MINUTE = 60_000;
const START = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;
const DEAD_LETTER = /dead letter/;
/** Takes the write lock, says so, and commits half a second later. */
const WRITER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const database = require('better-sqlite3')(workerData);
  database.exec("BEGIN IMMEDIATE; INSERT INTO site (name, time_zone) VALUES ('annex', 'UTC')");
  parentPort.postMessage('locked');
  setTimeout(() => database.exec('COMMIT').close(), 500);
`;

async function withGateway(): Promise<{ collector: TestCollector; gateway: TestGateway; password: string }> {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby');
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  return { collector, gateway, password };
}

/** Minutes with one crossing each and the totals that go with them. */
function minutes(firstSeq: number, length: number) {
  return Array.from({ length }, (_, index) => {
    const seq = firstSeq + index;
    return countRecord(START + seq * MINUTE, { in: 1, totals: { in: seq, out: 0 } });
  });
}

function storedSeqs(collector: TestCollector): Promise<number[]> {
  return collector.withStore(async (store) => {
    const rows = await store.selectFrom('count_interval').select('seq').orderBy('seq').execute();
    return rows.map(({ seq }) => seq);
  });
}

function deadLetters(collector: TestCollector) {
  return collector.withStore((store) => store.selectFrom('dead_letter').selectAll().orderBy('id').execute());
}

test('a batch that is sent twice is stored once and receipted twice', async () => {
  const { collector, gateway } = await withGateway();
  const first = await gateway.deliver(1, minutes(1, 3));
  const second = await gateway.deliver(1, minutes(1, 3));
  expect(first).toMatchObject({ epoch: gateway.epoch, storedUpTo: 3, deadLettered: [] });
  expect(second).toEqual(first);
  expect(await storedSeqs(collector)).toEqual([1, 2, 3]);
});

test('a batch that overlaps an earlier one adds only what is new', async () => {
  const { collector, gateway } = await withGateway();
  await gateway.deliver(1, minutes(1, 3));
  const receipt = await gateway.deliver(2, minutes(2, 4));
  expect(receipt.storedUpTo).toBe(5);
  expect(await storedSeqs(collector)).toEqual([1, 2, 3, 4, 5]);
});

test('an old batch that comes late does not turn the cursor back', async () => {
  const { collector, gateway } = await withGateway();
  await gateway.deliver(1, minutes(1, 5));
  expect((await gateway.deliver(1, minutes(1, 2))).storedUpTo).toBe(5);
  expect((await gateway.deliver(6, minutes(6, 1))).storedUpTo).toBe(6);
  expect(await storedSeqs(collector)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a new outbox file starts again at 1 beside the old one', async () => {
  const { collector, gateway } = await withGateway();
  await gateway.deliver(1, minutes(1, 2));
  gateway.epoch = randomUUID();
  expect((await gateway.deliver(1, minutes(10, 1))).storedUpTo).toBe(1);
  expect(await storedSeqs(collector)).toEqual([1, 1, 2]);
});

test('a receipt comes only after the commit: another process finds the records at that moment', async () => {
  const { collector, gateway } = await withGateway();
  for (let batch = 0; batch < 20; batch++) {
    await gateway.deliver(batch * 10 + 1, minutes(batch * 10 + 1, 10));
    expect(await storedSeqs(collector)).toHaveLength((batch + 1) * 10);
  }
});

test('bad records become dead letters with their reasons and are receipted; the good ones are stored', async () => {
  const { collector, gateway } = await withGateway();
  collector.logs.expectError(DEAD_LETTER);
  // The dead ones take their counts with them, and the totals tell.
  collector.logs.expectError(/^3 counts missing between/);
  const [good] = minutes(1, 1);
  const impossible = countRecord(START, { observedMs: 59_000 });
  const receipt = await gateway.deliver(1, [
    good,
    { kind: 'rumour' },
    impossible,
    { kind: 'rumour' },
    ...minutes(5, 1),
  ]);
  expect(receipt.storedUpTo).toBe(5);
  expect(receipt.deadLettered.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  expect(receipt.deadLettered[1]?.reason).toBe('observedMs: observedMs and the gaps must add up to lengthMs');
  expect(await storedSeqs(collector)).toEqual([1, 5]);
  const letters = await deadLetters(collector);
  expect(letters.map(({ seq }) => seq)).toEqual([2, 3, 4]);
  expect(JSON.parse(letters[1]?.payload ?? '')).toEqual(impossible);

  await gateway.deliver(1, [good, { kind: 'rumour' }, impossible]);
  expect(await deadLetters(collector)).toHaveLength(3);
});

test.each([
  ['broken JSON', '{"v":1,', /not valid JSON/],
  ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe]).toString('latin1'), /not valid JSON/],
  ['another contract version', JSON.stringify({ v: 2 }), /v: /],
  [
    'no records',
    JSON.stringify({ v: 1, epoch: randomUUID(), firstSeq: 1, sentAt: START, historical: false, records: [] }),
    /records: /,
  ],
])('%s is kept once as a dead letter, gets no receipt and harms nothing', async (_name, payload, reason) => {
  const { collector, gateway } = await withGateway();
  collector.logs.expectError(DEAD_LETTER);
  await gateway.publish('records', payload);
  await gateway.publish('records', payload);
  // Messages of one gateway are handled in turn, so this receipt proves that both were.
  await gateway.deliver(1, minutes(1, 1));
  expect(gateway.receipts).toHaveLength(1);
  const letters = await deadLetters(collector);
  expect(letters).toHaveLength(1);
  expect(letters[0]).toMatchObject({
    gateway: 'lobby',
    topic: 'headcount/v1/lobby/records',
    epoch: '',
    seq: 0,
  });
  expect(letters[0]?.reason).toMatch(reason);
});

test('dead letters are bounded, and the oldest go first', async () => {
  const collector = await startCollector();
  const ids = await collector.withStore(async (store) => {
    await store.transaction().execute(async (trx) => {
      for (let seq = 1; seq <= 10_005; seq++) {
        const letter = {
          gateway: 'lobby',
          topic: 't',
          epoch: 'e',
          seq,
          reason: 'r',
          payload: 'x'.repeat(70_000 * Number(seq === 10_005)),
        };
        await addDeadLetter(trx, letter, START);
      }
    });
    return store.selectFrom('dead_letter').select(['seq', 'payload']).orderBy('seq').execute();
  });
  expect(ids).toHaveLength(10_000);
  expect(ids[0]?.seq).toBe(6);
  expect(ids.at(-1)?.payload).toHaveLength(65_536);
});

test('skipped sequence numbers are recorded, said in the log, and filled when they come after all', async () => {
  const { collector, gateway } = await withGateway();
  collector.logs.expectError(/skipped records|^7 counts missing between/);
  const missing = () =>
    collector.withStore((store) =>
      store.selectFrom('ledger_gap').select(['from_at', 'to_at', 'missing_in']).orderBy('from_at').execute(),
    );
  const gap = (after: number, before: number) => ({
    from_at: START + (after + 1) * MINUTE,
    to_at: START + before * MINUTE,
    missing_in: before - after - 1,
  });
  const holes = () =>
    collector.withStore((store) =>
      store.selectFrom('seq_hole').select(['from_seq', 'to_seq']).orderBy('from_seq').execute(),
    );
  await gateway.deliver(1, minutes(1, 2));
  expect((await gateway.deliver(10, minutes(10, 2))).storedUpTo).toBe(11);
  expect(await holes()).toEqual([{ from_seq: 3, to_seq: 9 }]);
  expect(collector.logs.matching(/skipped records/)).toMatchObject([
    { gateway: 'lobby', missing: 7, before: 10 },
  ]);
  expect(collector.logs.matching(/^7 counts missing between/)).toMatchObject([
    { gateway: 'lobby', camera: 'door', line: 'entrance', in: 7, out: 0 },
  ]);
  expect(await missing()).toEqual([gap(2, 10)]);

  expect((await gateway.deliver(5, minutes(5, 3))).storedUpTo).toBe(11);
  expect(await holes()).toEqual([
    { from_seq: 3, to_seq: 4 },
    { from_seq: 8, to_seq: 9 },
  ]);
  expect(await missing()).toEqual([gap(2, 5), gap(7, 10)]);
  await gateway.deliver(3, minutes(3, 7));
  expect(await holes()).toEqual([]);
  expect(await missing()).toEqual([]);
  expect(await storedSeqs(collector)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('a merged backlog answers for the numbers that it does not list: no hole, and each record under its own number', async () => {
  const { collector, gateway } = await withGateway();
  await gateway.deliver(1, minutes(1, 2));
  const merged = (seq: number) =>
    countRecord(START + (seq - 14) * MINUTE, {
      ...{ lengthMs: 15 * MINUTE, observedMs: 15 * MINUTE, in: 15, totals: { in: seq, out: 0 } },
    });
  const rows = [17, 32].map((seq) => ({ seq, record: merged(seq) }));
  await gateway.send(3, [], { records: undefined, rows });
  await gateway.send(3, [], { records: undefined, rows });
  const receipts = await until(
    () => (gateway.receipts.length === 3 ? gateway.receipts : undefined),
    'receipts',
  );
  expect(receipts.map(({ storedUpTo }) => storedUpTo)).toEqual([2, 32, 32]);
  expect(await storedSeqs(collector)).toEqual([1, 2, 17, 32]);
  const holes = await collector.withStore((store) => store.selectFrom('seq_hole').selectAll().execute());
  expect(holes).toEqual([]);
});

test('a locked database gives no receipt, loses nothing, and the resent batch is stored', async () => {
  const { collector, gateway } = await withGateway();
  await gateway.deliver(1, minutes(1, 1));
  collector.logs.expectError(/could not be handled/);
  const other = new Database(storePlace(collector.config));
  other.exec('BEGIN IMMEDIATE');
  await gateway.send(2, minutes(2, 2));
  await until(() => collector.logs.matching(/could not be handled/)[0], 'the error in the log', 20_000);
  expect(gateway.receipts).toHaveLength(1);
  other.exec('ROLLBACK');
  other.close();
  expect((await gateway.deliver(2, minutes(2, 2))).storedUpTo).toBe(3);
  expect(await storedSeqs(collector)).toEqual([1, 2, 3]);
});

test('a batch waits for another process that writes, and is stored', async () => {
  const { collector, gateway } = await withGateway();
  await gateway.deliver(1, minutes(1, 1));
  // In a thread of its own, because a waiting SQLite holds up the whole thread of the collector.
  const writer = new Worker(WRITER, { eval: true, workerData: storePlace(collector.config) });
  onTestFinished(async () => {
    await writer.terminate();
  });
  // Listened for from the start: it may come while the collector waits.
  const ended = once(writer, 'exit');
  await once(writer, 'message');
  expect((await gateway.deliver(2, minutes(2, 2))).storedUpTo).toBe(3);
  await ended;
  expect(
    await collector.withStore((store) => store.selectFrom('site').select('name').execute()),
  ).toHaveLength(2);
  expect(await storedSeqs(collector)).toEqual([1, 2, 3]);
});

test('every kind of record is stored and shows where it belongs', async () => {
  const { collector, gateway } = await withGateway();
  const at = Date.now();
  const host = {
    kind: 'host',
    at,
    cpuPercent: 12.34,
    load1: 0.5,
    memoryUsedBytes: 250,
    memoryTotalBytes: 1000,
    diskUsedBytes: null,
    diskTotalBytes: null,
    networkRxBytesPerSecond: null,
    networkTxBytesPerSecond: null,
    temperatureCelsius: 51,
    uptimeSeconds: 100,
    agentRssBytes: 1000,
    outboxRecords: 3,
  };
  const newer = { ...host, at: at + 1, throttled: true, clockSynchronised: false, diskWearPercent: 30 };
  const receipt = await gateway.deliver(1, [
    { kind: 'event', at, event: 'boot', detail: 'after a power cut' },
    { kind: 'camera', camera: 'door', state: 'connecting', cause: 'started', at },
    { kind: 'camera', camera: 'door', state: 'streaming', cause: 'first-frame', at: at - 5000 },
    host,
    newer,
    ...minutes(6, 1),
  ]);
  expect(receipt).toMatchObject({ storedUpTo: 6, deadLettered: [] });
  const samples = await collector.withStore((store) =>
    store.selectFrom('host_sample').select('body').orderBy('seq').execute(),
  );
  expect(samples.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
    { ...host, throttled: null, clockSynchronised: null },
    newer,
  ]);
  const cookie = await collector.logIn();
  const { gateways } = (await (await collector.get('/api/v1/gateways', cookie)).json()) as {
    gateways: unknown[];
  };
  expect(gateways).toMatchObject([
    {
      name: 'lobby',
      status: 'online',
      cameras: 1,
      host: { cpuPercent: 12.3, memoryPercent: 25, diskPercent: null, outboxRecords: 3 },
    },
  ]);
  const { cameras } = (await (await collector.get('/api/v1/cameras', cookie)).json()) as {
    cameras: unknown[];
  };
  // The clock went back between the two edges; the later one counts.
  expect(cameras).toMatchObject([{ id: 'door', state: 'streaming', cause: 'first-frame', since: at - 5000 }]);
});

test('a restart keeps counts, cursors, users and gateways', async () => {
  const { collector, gateway, password } = await withGateway();
  await gateway.deliver(1, minutes(1, 3));
  const { epoch } = gateway;
  const cookie = await collector.logIn();
  await collector.stop();
  await collector.start();
  const again = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  again.epoch = epoch;
  expect((await again.deliver(2, minutes(2, 3))).storedUpTo).toBe(4);
  expect(await storedSeqs(collector)).toEqual([1, 2, 3, 4]);
  expect((await collector.get('/api/v1/gateways', cookie)).status).toBe(200);
  await collector.logIn();
});

test('the collector stops while batches come in, and no receipt was a lie', async () => {
  const { collector, gateway } = await withGateway();
  const sent = new AbortController();
  const sending = (async () => {
    for (let seq = 1; !sent.signal.aborted && seq < 500; seq++) {
      await Promise.race([gateway.send(seq, minutes(seq, 1)).catch(() => undefined), sleep(200)]);
    }
  })();
  await until(() => gateway.receipts[20], 'twenty receipts');
  await collector.stop();
  sent.abort();
  await sending;
  const receipted = Math.max(...gateway.receipts.map(({ storedUpTo }) => storedUpTo));
  const stored = await storedSeqs(collector);
  expect(stored).toEqual(stored.map((_, index) => index + 1));
  expect(stored.length).toBeGreaterThanOrEqual(receipted);
});
