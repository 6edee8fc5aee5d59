import type { OutboxRecord } from '@headcount/shared';
import type Database from 'better-sqlite3';
import type { Stamp } from './outbox.js';
import { shiftRecord } from './shift-record.js';

/** See {@link Outbox.backStamp}; one transaction, so that a power cut leaves all records waiting or none. */
export function backStamp(db: Database.Database, now: Stamp): { moved: number; uncorrected: number } {
  const read = db.prepare<[], { seq: number; body: string; boot: string; offset_ms: number }>(
    'SELECT seq, body, boot, offset_ms FROM record WHERE boot IS NOT NULL ORDER BY seq',
  );
  const change = db.prepare<[string, number]>('UPDATE record SET body = ? WHERE seq = ?');
  let moved = 0;
  let uncorrected = 0;
  db.transaction(() => {
    // All at once: before the first sync only minutes of records are made, unless the clock stands before 2020.
    for (const row of read.all()) {
      const shift = now.offsetMs - row.offset_ms;
      if (row.boot !== now.boot) uncorrected += 1;
      else if (shift !== 0)
        change.run(JSON.stringify(shiftRecord(JSON.parse(row.body) as OutboxRecord, shift)), row.seq);
      moved += 1;
    }
    db.exec('UPDATE record SET boot = NULL, offset_ms = NULL WHERE boot IS NOT NULL');
  })();
  return { moved, uncorrected };
}
