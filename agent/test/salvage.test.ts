import { closeSync, mkdtempSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { recordsMessageSchema, rowsOf, type EventRecord, type RecordsMessage } from '@headcount/shared';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openOutbox } from '../src/outbox/sqlite-outbox.js';
import { Drain } from '../src/uplink/drain.js';

const NOW = Date.UTC(2026, 10, 24);
const PAGE = 4096;
const RECORDS = 400;
const logger = pino({ level: 'silent' });
const event = (detail: string): EventRecord => ({ kind: 'event', at: NOW, event: 'boot', detail });

function open(file: string, now = NOW) {
  return openOutbox({ file, now: () => now, logger });
}

/** A closed file with many records, 50 of them settled, and an open interval with totals; `damage` spoils pages. */
function damaged(damage: (pages: number) => readonly number[]): { file: string; epoch: string } {
  const file = join(mkdtempSync(join(tmpdir(), 'headcount-salvage-')), 'outbox.sqlite');
  const outbox = open(file);
  const records = Array.from({ length: RECORDS }, (_, index) => event(`${index + 1} `.padEnd(300, 'x')));
  const state = JSON.stringify({ start: NOW, totals: { in: 812 } });
  outbox.commit({ records, open: [{ camera: 'door', state }] });
  outbox.settle(50);
  outbox.close();
  const fd = openSync(file, 'r+');
  for (const page of damage(statSync(file).size / PAGE))
    writeSync(fd, Buffer.alloc(PAGE, 0xa5), 0, PAGE, page * PAGE);
  closeSync(fd);
  return { file, epoch: outbox.epoch };
}

/** Drain everything with a collector that stores what comes. */
function drainAll(outbox: ReturnType<typeof open>) {
  const sent: RecordsMessage[] = [];
  const publish = (text: string) => void sent.push(recordsMessageSchema.parse(JSON.parse(text)));
  const drain = new Drain({ outbox, publish, now: () => NOW, logger });
  drain.connect();
  for (let index = 0; index < sent.length; index++) {
    const message = sent[index];
    if (message === undefined) break;
    const storedUpTo = rowsOf(message).at(-1)?.seq ?? 0;
    drain.receive({ v: 1, epoch: message.epoch, storedUpTo, deadLettered: [], credit: 200 });
  }
  drain.disconnect();
  return sent;
}

describe('a damaged outbox', () => {
  it('is read back under its own epoch and numbers, and what is lost is told with numbers', () => {
    const { file, epoch } = damaged((pages) => [pages - 4, pages - 9]);
    const outbox = open(file);
    expect(outbox.epoch).not.toBe(epoch);
    const sent = drainAll(outbox);
    const old = sent.filter((message) => message.epoch === epoch).flatMap(rowsOf);
    for (const { seq, record } of old) expect(record).toMatchObject({ detail: `${seq} `.padEnd(300, 'x') });
    expect(new Set(old.map(({ seq }) => seq)).size).toBe(old.length);
    expect(old.length).toBeGreaterThan(300);
    expect(old.length).toBeLessThan(350);
    const fresh = sent.filter((message) => message.epoch === outbox.epoch).flatMap(rowsOf);
    expect(fresh.map(({ seq }) => seq)).toEqual([1]);
    const { detail } = fresh[0]?.record as EventRecord;
    expect(detail).toContain('records up to 50 were settled, the last was 400');
    expect(detail).toContain(`${old.length} of the 350 numbers between were read back`);
    expect(detail).toContain(`${350 - old.length} are lost or were merged`);
    expect(outbox.stats()).toMatchObject({ waiting: 0, quarantined: 1 });
    outbox.close();
  });

  it('gives back open intervals with their never-reset totals', () => {
    const { file } = damaged((pages) => [pages - 3]);
    const outbox = open(file);
    const state = outbox.openIntervals().get('door')?.state ?? '{}';
    expect(JSON.parse(state)).toEqual({ start: NOW, totals: { in: 812 } });
    outbox.close();
  });

  it('survives a restart before what was read back is sent', () => {
    const { file, epoch } = damaged((pages) => [pages - 3]);
    open(file).close();
    const outbox = open(file);
    expect(outbox.nextBatch(10)).toMatchObject({ epoch, firstSeq: 51 });
    outbox.close();
  });

  it('of which nothing can be read is said so, and at most three are kept', () => {
    const { file } = damaged(() => [0]);
    for (let round = 1; round <= 5; round++) {
      const outbox = open(file, NOW + round);
      const { detail } = outbox.nextBatch(1)?.records[0] as EventRecord;
      expect(detail).toContain('nothing could be read back');
      outbox.close();
      writeFileSync(file, 'no database'.repeat(1000));
    }
    const kept = readdirSync(dirname(file)).filter((name) => /damaged-\d+$/.test(name));
    expect(kept).toHaveLength(3);
  });
});
