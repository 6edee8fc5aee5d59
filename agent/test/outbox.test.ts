import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventRecord } from '@headcount/shared';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Outbox } from '../src/outbox/outbox.js';
import { openOutbox } from '../src/outbox/sqlite-outbox.js';

const NOW = Date.UTC(2026, 10, 24);

const folder = () => mkdtempSync(join(tmpdir(), 'headcount-outbox-'));
const event = (detail: string): EventRecord => ({ kind: 'event', at: NOW, event: 'boot', detail });

function open(file: string): Outbox {
  return openOutbox({ file, now: () => NOW, logger: pino({ level: 'silent' }) });
}

describe('an outbox', () => {
  it('gives records back in order, oldest first, until they are settled', () => {
    const outbox = open(join(folder(), 'outbox.sqlite'));
    outbox.commit({ records: [event('1'), event('2')] });
    outbox.commit({ records: [event('3')] });
    expect(outbox.nextBatch(2)).toMatchObject({ firstSeq: 1, records: [{ detail: '1' }, { detail: '2' }] });
    outbox.settle(2);
    expect(outbox.nextBatch(2)).toMatchObject({ firstSeq: 3, records: [{ detail: '3' }] });
    outbox.settle(3);
    expect(outbox.nextBatch(2)).toBeUndefined();
    expect(outbox.stats()).toMatchObject({ waiting: 0, lastSeq: 3, settledUpTo: 3, oldestAt: null });
    outbox.close();
  });

  it('keeps epoch, sequence and open intervals over a restart, also when everything is settled', () => {
    const file = join(folder(), 'outbox.sqlite');
    const first = open(file);
    first.commit({ records: [event('1')], open: [{ camera: 'door', state: '{"a":1}' }] });
    first.commit({ open: [{ camera: 'door', state: '{"a":2}' }] });
    first.settle(1);
    first.close();
    const second = open(file);
    expect(second.epoch).toBe(first.epoch);
    expect([...second.openIntervals()]).toEqual([['door', { state: '{"a":2}' }]]);
    second.commit({ records: [event('2')] });
    expect(second.nextBatch(10)?.firstSeq).toBe(2);
    second.close();
  });

  it('ignores a receipt for more than it has', () => {
    const outbox = open(join(folder(), 'outbox.sqlite'));
    outbox.commit({ records: [event('1')] });
    outbox.settle(99);
    outbox.commit({ records: [event('2')] });
    expect(outbox.stats()).toMatchObject({ waiting: 1, lastSeq: 2, settledUpTo: 1 });
    outbox.close();
  });

  it('moves a damaged file aside and begins a new epoch that says so', () => {
    const place = folder();
    const file = join(place, 'outbox.sqlite');
    writeFileSync(file, 'this is no database, whatever its name says'.repeat(50));
    const outbox = open(file);
    expect(outbox.nextBatch(1)?.records[0]).toMatchObject({ kind: 'event', event: 'store-repaired' });
    expect(readdirSync(place).some((name) => name.startsWith('outbox.sqlite.damaged-'))).toBe(true);
    outbox.close();
  });

  it('says which folder it cannot write', () => {
    expect(() => open('/dev/null/outbox.sqlite')).toThrow(
      /outbox \/dev\/null\/outbox.sqlite cannot be opened/,
    );
  });
});
