import { MAX_BATCH_RECORDS, recordSchema } from '@headcount/shared';
import type Database from 'better-sqlite3';
import { mergeIntervals, thin, type Coarsening, type Row } from './merge-records.js';
import type { Retained } from './outbox.js';
import { timeOf } from './shift-record.js';

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
/** Shares of the limit: coarsening begins above the first and goes on down to the second; above 1 records are dropped. */
const BEGIN = 0.8;
const ENOUGH = 0.7;
/** Rows of one step; more, up to the most, where an interval holds more than that. */
const ROWS = 1000;
const MOST_ROWS = 32_000;
/** Rows dropped in one step. */
const DROPPED_ROWS = 500;

/** A stage that has not begun: it has work as soon as there is a row. */
const FRESH = { cursor: 0, rows: ROWS, endedAt: 1 - ROWS };

const NOTHING: Retained = { merged: 0, thinned: 0, dropped: 0 };

interface Stage {
  readonly counts: 'merged' | 'thinned';
  readonly lengthMs: number;
  readonly coarsen: (rows: readonly Row[], lengthMs: number) => Coarsening;
  /** Rows up to this one are done. */
  cursor: number;
  /** Rows that one step reads. */
  rows: number;
  /** The newest row when the stage came to the end; it begins again when there are `ROWS` more. */
  endedAt: number;
}

/**
 * Keeps the outbox below a size for as long as the collector is away: host samples are thinned first, then counts are
 * merged to quarter hours, then to hours, the oldest first; what does not fit then is dropped from the old end.
 *
 * The oldest rows, as many as a batch may hold, are never coarsened. A batch is always made of the oldest rows, and only
 * one is on its way, so whatever was ever sent is among them: the collector may have stored it although its receipt was
 * lost, and a merged record would count it twice.
 */
export class Retention {
  private readonly db: Database.Database;
  private readonly maxBytes: number;
  private active = false;
  private readonly stages: readonly Stage[] = [
    { counts: 'thinned', lengthMs: HOUR_MS, coarsen: thin, ...FRESH },
    { counts: 'merged', lengthMs: QUARTER_MS, coarsen: mergeIntervals, ...FRESH },
    { counts: 'merged', lengthMs: HOUR_MS, coarsen: mergeIntervals, ...FRESH },
  ];

  constructor(db: Database.Database, maxBytes: number) {
    this.db = db;
    this.maxBytes = maxBytes;
  }

  /** One step, in one transaction: what it merged, thinned and dropped. */
  step(): Retained {
    const used = this.usedBytes();
    if (used > BEGIN * this.maxBytes) this.active = true;
    if (used <= ENOUGH * this.maxBytes) this.active = false;
    if (!this.active) return NOTHING;
    const from = this.neverSent();
    const stage = from === undefined ? undefined : this.stages.find((one) => this.hasWork(one));
    if (from !== undefined && stage !== undefined) return this.run(stage, from);
    return used > this.maxBytes ? this.drop() : NOTHING;
  }

  /** Bytes of pages in use; free pages are used again before the file grows. */
  private usedBytes(): number {
    const read = (name: string) => Number(this.db.pragma(name, { simple: true }));
    return (read('page_count') - read('freelist_count')) * read('page_size');
  }

  /** The number of the last row that may have been sent; undefined while there are no more than those. */
  private neverSent(): number | undefined {
    return this.db
      .prepare<[number], { seq: number }>('SELECT seq FROM record ORDER BY seq LIMIT 1 OFFSET ?')
      .get(MAX_BATCH_RECORDS - 1)?.seq;
  }

  private hasWork(stage: Stage): boolean {
    const newest = this.db.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM record').get();
    return (newest?.seq ?? 0) >= stage.endedAt + ROWS;
  }

  private run(stage: Stage, from: number): Retained {
    const { rows, atEnd } = this.read(Math.max(stage.cursor, from), stage.rows);
    const { removed, changed } = stage.coarsen(rows, stage.lengthMs);
    const done = { ...NOTHING, [stage.counts]: removed.length };
    this.db.transaction(() => {
      const remove = this.db.prepare<[number]>('DELETE FROM record WHERE seq = ?');
      const change = this.db.prepare<[string, number]>('UPDATE record SET body = ? WHERE seq = ?');
      for (const seq of removed) remove.run(seq);
      for (const [seq, record] of changed) change.run(JSON.stringify(record), seq);
      this.note(done);
    })();
    moveOn(stage, rows, atEnd);
    return done;
  }

  /** Rows after a number, up to the first whose time is not certain yet. */
  private read(after: number, limit: number): { rows: Row[]; atEnd: boolean } {
    const found = this.db
      .prepare<[number, number], { seq: number; body: string }>(
        `SELECT seq, body FROM record WHERE seq > ? AND seq <
           coalesce((SELECT min(seq) FROM record WHERE boot IS NOT NULL), 9223372036854775807)
         ORDER BY seq LIMIT ?`,
      )
      .all(after, limit);
    // Parsed, so that rows of an older version get the fields that came since; what does not fit stays as it is.
    const rows = found.flatMap(({ seq, body }) => {
      const { data: record } = recordSchema.safeParse(JSON.parse(body));
      return record === undefined ? [] : [{ seq, record }];
    });
    return { rows, atEnd: found.length < limit };
  }

  private drop(): Retained {
    const rows = this.db
      .prepare<[number], { seq: number }>('SELECT seq FROM record ORDER BY seq LIMIT ?')
      .all(DROPPED_ROWS);
    const last = rows.at(-1)?.seq ?? 0;
    const done = { ...NOTHING, dropped: rows.length };
    this.db.transaction(() => {
      this.db.prepare('DELETE FROM record WHERE seq <= ?').run(last);
      this.db.prepare('UPDATE meta SET dropped_up_to = ?').run(last);
      this.note(done);
    })();
    return done;
  }

  private note({ merged, thinned, dropped }: Retained): void {
    this.db
      .prepare('UPDATE meta SET merged = merged + ?, thinned = thinned + ?, dropped = dropped + ?')
      .run(merged, thinned, dropped);
  }
}

/**
 * The next step begins where the newest interval of this one began, since its other rows come later. An interval that
 * fills the whole step is read again with more rows.
 */
function moveOn(stage: Stage, rows: readonly Row[], atEnd: boolean): void {
  const last = rows.at(-1)?.seq ?? stage.cursor;
  if (atEnd) stage.endedAt = last;
  const starts = rows.map(({ record }) => Math.floor(timeOf(record) / stage.lengthMs));
  const newest = starts.reduce((max, start) => Math.max(max, start), 0);
  const begin = starts.indexOf(newest);
  if (begin > 0) {
    stage.cursor = (rows[begin]?.seq ?? last) - 1;
    stage.rows = ROWS;
  } else if (!atEnd && stage.rows < MOST_ROWS) stage.rows *= 2;
  else if (!atEnd) stage.cursor = last;
}
