import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CountRecord, OutboxRecord } from '@headcount/shared';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { SimulatedSite } from '../../scripts/lib/simulated-site.js';
import { openOutbox } from '../src/outbox/sqlite-outbox.js';
import { Journal } from '../src/pipeline/journal.js';

const SIZE = '2m';
const logger = pino({ level: 'silent' });
const mounts: string[] = [];

/** A real file system of two MiB; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'headcount-test', folder], { stdio: 'pipe' });
    mounts.push(folder);
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

afterEach(() => {
  for (const folder of mounts.splice(0)) {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  }
});

function counts(records: readonly OutboxRecord[]): CountRecord[] {
  return records.filter((record) => record.kind === 'count');
}

it('a full disk: counting goes on in memory, everything arrives when there is room again', (context) => {
  const folder = smallDisk();
  if (folder === undefined) return context.skip('mounting a small tmpfs is not permitted here');
  const site = new SimulatedSite({ cameras: 2, linesPerCamera: 2, start: Date.UTC(2026, 0, 1) });
  const now = () => site.now;
  const outbox = openOutbox({ file: join(folder, 'outbox.sqlite'), now, logger });
  const quiet = () => undefined;
  const monotonic = { at: 0 };
  const journal = new Journal({
    outbox,
    logger,
    now,
    monotonic: () => monotonic.at,
    onRecords: quiet,
    onMove: quiet,
  });
  const count = (minutes: number) => {
    for (let minute = 1; minute <= minutes; minute++) {
      const records = site.next(1);
      // The disk is asked again once in a while, not for every minute of this quick outage.
      if (minute % 100 === 1) monotonic.at += 2000;
      journal.write(records, { camera: 'camera-1', state: JSON.stringify({ minute: site.now }) });
    }
  };
  count(10);
  expect(journal.healthy).toBe(true);

  const filler = join(folder, 'filler');
  expect(() => writeFileSync(filler, Buffer.alloc(4 * 2 ** 20))).toThrow(/ENOSPC/);
  count(3000);
  expect(journal.healthy).toBe(false);
  const { held, thinned, merged, dropped } = journal.status();
  // Health samples went first, then counts into longer intervals; none was given up, and memory is bounded.
  expect([held <= 10_000, thinned > 0, merged > 0, dropped]).toEqual([true, true, true, 0]);

  // Room for what is held; a write a second after the last attempt finds it.
  rmSync(filler);
  execFileSync('mount', ['-o', 'remount,size=64m', folder]);
  count(1);
  expect(journal.healthy).toBe(true);
  expect(journal.status().held).toBe(0);

  const { records = [] } = outbox.nextBatch(1e6) ?? {};
  const sum = (pick: (record: CountRecord) => number) =>
    counts(records).reduce((total, record) => total + pick(record), 0);
  expect({ in: sum((one) => one.in), out: sum((one) => one.out) }).toEqual({
    in: site.truth.in,
    out: site.truth.out,
  });
  expect(sum((one) => one.observedMs)).toBe(site.truth.observedMs);
  expect(outbox.openIntervals().get('camera-1')?.state).toBe(JSON.stringify({ minute: site.now }));
  const told = records.flatMap((record) =>
    record.kind === 'event' ? [`${record.event}: ${record.detail}`] : [],
  );
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(
    /^store-repaired: the disk refused writes for \d+ s; .* 0 records lost, \d+ merged/,
  );
  outbox.close();
});
