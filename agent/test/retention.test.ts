import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { offlineRun } from '../../scripts/lib/offline-run.js';
import { SimulatedSite } from '../../scripts/lib/simulated-site.js';
import { MIGRATIONS } from '../src/outbox/migrations/index.js';
import { openOutbox } from '../src/outbox/sqlite-outbox.js';

const MIB = 2 ** 20;
const logger = pino({ level: 'silent' });

/** An outbox with so many hours of one busy camera, over a limit that it does not fit into. */
function crowded(hours: number, maxBytes: number) {
  const site = new SimulatedSite({ cameras: 1, linesPerCamera: 3, start: Date.UTC(2026, 0, 1) });
  const file = join(mkdtempSync(join(tmpdir(), 'headcount-retention-')), 'outbox.sqlite');
  const outbox = openOutbox({ file, now: () => site.now, logger, maxBytes });
  for (let hour = 0; hour < hours; hour++) outbox.commit({ records: site.next(60) });
  return { site, outbox };
}

describe('an outbox without its collector', () => {
  it('keeps days in the space of hours, and every count is drained', () => {
    // The whole season, 90 days in 64 MiB: npm run soak -- offline.
    const result = offlineRun({ days: 2, cameras: 8, linesPerCamera: 3, maxBytes: 3 * MIB });
    expect(result.drained).toEqual(result.truth);
    expect(result.dropped).toBe(0);
    expect(result.merged).toBeGreaterThan(50_000);
    expect(result.written - result.merged - result.thinned).toBe(result.waiting);
    // One commit of the simulation is an hour at once, and the log comes on top of the file.
    expect(result.peakBytes).toBeLessThan(5 * MIB);
    expect(result.emptyBytes).toBeLessThan(2 * MIB);
    expect(result.openedMs).toBeLessThan(5000);
  });

  it('never touches the oldest batch: it may be on its way, or stored already', () => {
    const { outbox } = crowded(40, MIB);
    const before = outbox.nextBatch(200);
    for (let step = 0; step < 200; step++) outbox.maintain();
    expect(outbox.stats().merged).toBeGreaterThan(1000);
    expect(outbox.nextBatch(200)).toEqual(before);
    outbox.settle(before?.seqs.at(-1) ?? 0);
    const next = outbox.nextBatch(200);
    // The next one begins where that ended, although the numbers after it went into others.
    expect(next?.firstSeq).toBe(201);
    expect(next?.seqs[0]).toBeGreaterThan(201);
    outbox.close();
  });

  it('merges quarters before hours, the oldest first, and leaves the newest in minutes', () => {
    const { outbox } = crowded(60, 6 * MIB);
    for (let step = 0; step < 300; step++) outbox.maintain();
    const lengths = (outbox.nextBatch(1e6)?.records ?? []).flatMap((record) =>
      record.kind === 'count' ? [record.lengthMs / 60_000] : [],
    );
    expect(lengths.slice(-100).every((length) => length === 1)).toBe(true);
    expect(Math.max(...lengths)).toBe(15);
    expect(lengths.filter((length) => length === 15).length).toBeGreaterThan(100);
    outbox.close();
  });

  it('gives up the oldest at last, says how many, and the collector will see the hole', () => {
    const { outbox } = crowded(200, MIB / 4);
    for (let step = 0; step < 500; step++) outbox.maintain();
    const { dropped, waiting, fileBytes } = outbox.stats();
    expect(dropped).toBeGreaterThan(0);
    expect(outbox.nextBatch(1e6)?.records).toHaveLength(waiting);
    expect(outbox.nextBatch(1)?.firstSeq).toBeGreaterThan(1);
    expect(fileBytes).toBeGreaterThan(0);
    outbox.close();
  });

  it('takes on a file of the version before', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'headcount-retention-')), 'outbox.sqlite');
    const old = new Database(file);
    old.exec(MIGRATIONS[0] ?? '');
    old.exec(`INSERT INTO meta VALUES (1, '0b7c2f3e-5d1a-4f7e-9a51-3f6f6d1f2a11', 7, 6);
      INSERT INTO record VALUES (7, 1795513860000, '{"kind":"event","at":1795513860000,"event":"boot","detail":""}');
      INSERT INTO open_interval VALUES ('door', '{}'); PRAGMA user_version = 1`);
    old.close();
    const outbox = openOutbox({ file, now: Date.now, logger });
    expect(outbox.nextBatch(1)).toMatchObject({ epoch: outbox.epoch, firstSeq: 7, seqs: [7] });
    expect(outbox.stats()).toMatchObject({ waiting: 1, provisional: 0, merged: 0, dropped: 0 });
    expect(outbox.openIntervals().get('door')).toEqual({ state: '{}' });
    outbox.close();
  });
});
