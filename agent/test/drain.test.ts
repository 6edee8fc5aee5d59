import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsMessageSchema, rowsOf, type ReceiptMessage, type RecordsMessage } from '@headcount/shared';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SimulatedSite } from '../../scripts/lib/simulated-site.js';
import { openOutbox } from '../src/outbox/sqlite-outbox.js';
import { Drain } from '../src/uplink/drain.js';

const START = Date.UTC(2026, 10, 24);
const logger = pino({ level: 'silent' });

beforeEach(() => vi.useFakeTimers({ now: START }));
afterEach(() => vi.useRealTimers());

/** A drain over a real outbox with `count` records; what it sends is kept and checked against the contract. */
function setUp(count: number) {
  const file = join(mkdtempSync(join(tmpdir(), 'headcount-drain-')), 'outbox.sqlite');
  const outbox = openOutbox({ file, now: Date.now, logger });
  const add = (number: number) => {
    const records = Array.from({ length: number }, (_, index) => ({
      kind: 'event' as const,
      at: Date.now(),
      event: 'boot' as const,
      detail: String(index),
    }));
    outbox.commit({ records });
  };
  if (count > 0) add(count);
  const sent: RecordsMessage[] = [];
  const publish = (message: string) => sent.push(recordsMessageSchema.parse(JSON.parse(message)));
  const drain = new Drain({ outbox, publish, now: Date.now, logger });
  const receipt = (storedUpTo: number, change: Partial<ReceiptMessage> = {}) =>
    drain.receive({ v: 1, epoch: outbox.epoch, storedUpTo, deadLettered: [], credit: 200, ...change });
  return { outbox, drain, sent, receipt, add };
}

describe('a drain', () => {
  it('sends the next batch only after the receipt of the one before, until nothing waits', async () => {
    const { outbox, drain, sent, receipt } = setUp(450);
    drain.connect();
    drain.notify();
    expect(sent.map(({ firstSeq, records }) => `${firstSeq}+${records?.length}`)).toEqual(['1+200']);
    receipt(200);
    receipt(400);
    receipt(450);
    expect(sent.map(({ firstSeq, records }) => `${firstSeq}+${records?.length}`)).toEqual([
      '1+200',
      '201+200',
      '401+50',
    ]);
    await drain.untilEmpty(new AbortController().signal);
    expect(outbox.stats().waiting).toBe(0);
  });

  it('sends the same batch again when no receipt comes, later each time, up to a minute', () => {
    const { drain, sent } = setUp(1);
    drain.connect();
    const times: number[] = [];
    for (let second = 1; second <= 200; second++) {
      const before = sent.length;
      vi.advanceTimersByTime(1000);
      if (sent.length > before) times.push(second);
    }
    expect(times).toEqual([10, 30, 70, 130, 190]);
    expect(new Set(sent.map(({ firstSeq }) => firstSeq))).toEqual(new Set([1]));
    drain.disconnect();
  });

  it('ignores a receipt of another outbox and one for records that it never had', () => {
    const { outbox, drain, receipt } = setUp(3);
    drain.connect();
    receipt(3, { epoch: '00000000-0000-4000-8000-000000000000' });
    receipt(99);
    expect(outbox.stats().waiting).toBe(3);
    drain.disconnect();
  });

  it('takes a receipt for part of a batch and waits for the rest', () => {
    const { outbox, drain, sent, receipt } = setUp(10);
    drain.connect();
    receipt(4);
    expect(outbox.stats().waiting).toBe(6);
    expect(sent).toHaveLength(1);
    receipt(10);
    expect(outbox.stats().waiting).toBe(0);
    drain.disconnect();
  });

  it('sends no more records than the credit of the last receipt', () => {
    const { drain, sent, receipt } = setUp(300);
    drain.connect();
    receipt(200, { credit: 7 });
    expect(sent.at(-1)?.records).toHaveLength(7);
    drain.disconnect();
  });

  it('lets dead letters go, because sending them again could never help', () => {
    const { outbox, drain, receipt } = setUp(2);
    drain.connect();
    receipt(2, { deadLettered: [{ seq: 1, reason: 'too old' }] });
    expect(outbox.stats().waiting).toBe(0);
    drain.disconnect();
  });

  it('says that a backlog is historical and that fresh records are not', () => {
    const { drain, sent, receipt, add } = setUp(1);
    vi.advanceTimersByTime(180_000);
    drain.connect();
    receipt(1);
    add(1);
    drain.notify();
    expect(sent.map(({ historical }) => historical)).toEqual([true, false]);
    drain.disconnect();
  });

  it('lists the numbers of a backlog that was merged, and goes on behind the last of them', () => {
    const site = new SimulatedSite({ cameras: 1, linesPerCamera: 2, start: START });
    const file = join(mkdtempSync(join(tmpdir(), 'headcount-drain-')), 'outbox.sqlite');
    const outbox = openOutbox({ file, now: Date.now, logger, maxBytes: 2 ** 18 });
    outbox.commit({ records: site.next(300) });
    for (let step = 0; step < 50; step++) outbox.maintain();
    const sent: RecordsMessage[] = [];
    const publish = (message: string) => void sent.push(recordsMessageSchema.parse(JSON.parse(message)));
    const drain = new Drain({ outbox, publish, now: Date.now, logger });
    drain.connect();
    for (let index = 0; index < 20; index++) {
      const storedUpTo = sent[index] && rowsOf(sent[index] as RecordsMessage).at(-1)?.seq;
      if (storedUpTo !== undefined)
        drain.receive({ v: 1, epoch: outbox.epoch, storedUpTo, deadLettered: [], credit: 100 });
    }
    expect(sent[0]?.records).toHaveLength(200);
    expect(sent[1]?.rows?.length).toBeGreaterThan(20);
    sent.slice(1).forEach(({ firstSeq }, index) => {
      expect(firstSeq).toBe((rowsOf(sent[index] as RecordsMessage).at(-1)?.seq ?? 0) + 1);
    });
    expect(outbox.stats().waiting).toBe(0);
    drain.disconnect();
  });

  it('begins again with the oldest record after a lost connection', () => {
    const { drain, sent } = setUp(5);
    drain.connect();
    drain.disconnect();
    vi.advanceTimersByTime(100_000);
    expect(sent).toHaveLength(1);
    drain.connect();
    expect(sent.map(({ firstSeq }) => firstSeq)).toEqual([1, 1]);
    drain.disconnect();
  });
});
