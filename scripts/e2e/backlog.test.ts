import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsMessageSchema, type RecordsMessage } from '@headcount/shared';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { openOutbox } from '../../agent/src/outbox/sqlite-outbox.js';
import { Drain } from '../../agent/src/uplink/drain.js';
import { storeBatch } from '../../collector/src/ingest/batch.js';
import { openStore } from '../../collector/src/store/store.js';
import { lehmer, SimulatedSite } from '../lib/simulated-site.js';

const MIB = 2 ** 20;
const GATEWAY = 'lobby';
const logger = pino({ level: 'silent' });

it.each([1, 2, 3])(
  'receipts are lost, the outbox merges and the agent restarts: every crossing is stored once (seed %d)',
  async (seed) => {
    const random = lehmer(seed);
    const folder = mkdtempSync(join(tmpdir(), 'headcount-backlog-'));
    const store = await openStore(join(folder, 'collector.sqlite'));
    await store.insertInto('site').values({ name: 'hq', time_zone: 'UTC', closing_time: null }).execute();
    await store
      .insertInto('gateway')
      .values({ name: GATEWAY, site: 'hq', secret_hash: '', added_at: 0, status: 'online' })
      .execute();
    const site = new SimulatedSite({ cameras: 2, linesPerCamera: 2, start: Date.UTC(2026, 0, 1) });
    const now = () => site.now;
    const open = () => openOutbox({ file: join(folder, 'outbox.sqlite'), now, logger, maxBytes: MIB / 2 });
    let outbox = open();

    /** One connection: batches go to the collector, whose receipts come back until one is lost. */
    const connection = async (batches: number) => {
      const sent: RecordsMessage[] = [];
      const publish = (text: string) => void sent.push(recordsMessageSchema.parse(JSON.parse(text)));
      const drain = new Drain({ outbox, publish, now, logger });
      drain.connect();
      for (let index = 0; index < batches; index++) {
        const message = sent[index];
        if (message === undefined) break;
        const { receipt } = await storeBatch(store, { gateway: GATEWAY, topic: 'records', message }, now());
        if (index < batches - 1) drain.receive({ ...receipt, credit: 1 + random(200) });
      }
      drain.disconnect();
    };

    for (let round = 0; round < 60; round++) {
      outbox.commit({ records: site.next(1 + random(90)) });
      for (let step = random(40); step > 0; step--) outbox.maintain();
      if (random(3) > 0) await connection(1 + random(3));
      if (random(5) > 0) continue;
      outbox.close();
      outbox = open();
    }
    expect(outbox.stats().merged).toBeGreaterThan(1000);
    await connection(10_000);
    const stored = await store
      .selectFrom('count_interval')
      .select(({ fn }) => [
        fn.sum<number>('in_count').as('in'),
        fn.sum<number>('out_count').as('out'),
        fn.sum<number>('observed_ms').as('observedMs'),
      ])
      .executeTakeFirstOrThrow();
    const { entries, ...truth } = site.truth;
    expect(stored).toEqual(truth);
    const zones = await store
      .selectFrom('zone_interval')
      .select(({ fn }) => fn.sum<number>('entries').as('entries'))
      .executeTakeFirstOrThrow();
    expect(zones.entries).toBe(entries);
    expect(await store.selectFrom('seq_hole').selectAll().execute()).toEqual([]);
    expect(await store.selectFrom('dead_letter').selectAll().execute()).toEqual([]);

    // Sum of deltas = difference of totals, line by line, and no interval overlaps the next.
    const rows = await store
      .selectFrom('count_interval')
      .selectAll()
      .orderBy('camera')
      .orderBy('line')
      .orderBy('seq')
      .execute();
    rows.forEach((row, index) => {
      const before = rows[index - 1];
      if (before?.camera !== row.camera || before.line !== row.line) return;
      expect(row.total_in - before.total_in).toBe(row.in_count);
      expect(row.start_at).toBe(before.end_at);
    });
    outbox.close();
    await store.destroy();
  },
);
