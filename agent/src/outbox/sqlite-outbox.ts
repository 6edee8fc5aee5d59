import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { OutboxRecord } from '@headcount/shared';
import Database from 'better-sqlite3';
import type { Logger } from 'pino';
import { backStamp } from './back-stamp.js';
import { OutboxError } from './errors.js';
import { MIGRATIONS } from './migrations/index.js';
import type { Batch, LeftOpen, Outbox, OutboxChange, OutboxStats, Retained, Stamp } from './outbox.js';
import { isSound, quarantined, setAside } from './quarantine.js';
import { Retention } from './retention.js';
import { salvage, type Salvage } from './salvage.js';

/** Largest outbox: 90 days of eight cameras with three lines and a zone each (bytes). */
const MAX_BYTES = 64 * 2 ** 20;
/** A write-ahead log that is larger is emptied when nobody writes, and cut to this size after a checkpoint (bytes). */
const WAL_BYTES = 2 ** 20;
/** Pages in the log after which a commit also writes them into the file: a few dozen commits. */
const WAL_PAGES = 256;
/** Free pages given back to the disk in one idle second. */
const FREED_PAGES = 256;

/** Where the file is and what time it is. */
export interface OutboxOptions {
  readonly file: string;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
  /** Size from which old counts are merged, by default 64 MiB. */
  readonly maxBytes?: number;
}

interface MetaRow extends Retained {
  epoch: string;
  last_seq: number;
  settled_up_to: number;
  dropped_up_to: number;
}

interface RecordRow {
  epoch: string;
  seq: number;
  added_at: number;
  body: string;
  boot: string | null;
}

/**
 * Open the outbox file, making it where there is none. A damaged file is moved aside and a new one begun with what can
 * be read back, because a gateway that counts and has lost some of its backlog is better than one that does not count.
 * @throws OutboxError when the folder cannot be written or the file is from a newer version
 */
export function openOutbox(options: OutboxOptions): Outbox {
  try {
    mkdirSync(dirname(options.file), { recursive: true });
    if (existsSync(options.file) && !isSound(options.file)) return beginAgain(options);
    return new SqliteOutbox(options);
  } catch (cause) {
    if (cause instanceof OutboxError) throw cause;
    throw new OutboxError(`outbox ${options.file} cannot be opened: ${messageOf(cause)}`, { cause });
  }
}

function beginAgain(options: OutboxOptions): Outbox {
  const { file, now, logger } = options;
  const aside = setAside(file, now());
  const found = salvage(aside);
  logger.error(
    { file, aside, ...found.report },
    'the outbox was damaged; it was moved aside and a new one begun',
  );
  const outbox = new SqliteOutbox(options);
  outbox.adopt(found);
  const detail = `damaged outbox kept as ${aside}: ${found.words}`.slice(0, 1000);
  outbox.commit({ records: [{ kind: 'event', at: now(), event: 'store-repaired', detail }] });
  return outbox;
}

class SqliteOutbox implements Outbox {
  readonly epoch: string;
  private readonly db: Database.Database;
  private readonly file: string;
  private readonly now: () => number;
  private readonly retention: Retention;
  private readonly write: (change: OutboxChange) => void;
  private readonly read: Database.Statement<[number], RecordRow>;
  private readonly readSalvaged: Database.Statement<[number], RecordRow>;
  private readonly meta: Database.Statement<[], MetaRow>;
  /** Rows in the file, kept in mind because counting them reads all of it. */
  private rows = 0;
  private idle = false;
  private readonly quarantined: number;

  constructor({ file, now, maxBytes = MAX_BYTES }: OutboxOptions) {
    this.file = file;
    this.quarantined = quarantined(file).length;
    this.now = now;
    this.db = new Database(file);
    // Only a file that is new takes this on; an older one uses its free pages again but does not shrink.
    this.db.pragma('auto_vacuum = INCREMENTAL');
    this.db.pragma('journal_mode = WAL');
    // FULL: a commit is on the disk before anybody hears of the count. NORMAL could lose it in a power cut.
    this.db.pragma('synchronous = FULL');
    this.db.pragma(`journal_size_limit = ${WAL_BYTES}`);
    this.db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
    migrate(this.db);
    this.db
      .prepare('INSERT OR IGNORE INTO meta (id, epoch, last_seq, settled_up_to) VALUES (1, ?, 0, 0)')
      .run(randomUUID());
    this.meta = this.db.prepare<[], MetaRow>('SELECT * FROM meta');
    this.read = this.db.prepare(
      'SELECT (SELECT epoch FROM meta) AS epoch, seq, added_at, body, boot FROM record ORDER BY seq LIMIT ?',
    );
    this.readSalvaged = this.db.prepare(
      'SELECT epoch, seq, added_at, body, NULL AS boot FROM salvaged ORDER BY id LIMIT ?',
    );
    this.write = this.prepareWrite();
    this.retention = new Retention(this.db, maxBytes);
    this.epoch = this.facts().epoch;
    this.rows = this.count('record') + this.count('salvaged');
  }

  commit(change: OutboxChange): void {
    this.attempt(() => this.write(change));
    this.rows += change.records?.length ?? 0;
    this.idle = false;
  }

  openIntervals(): ReadonlyMap<string, LeftOpen> {
    const rows = this.db
      .prepare<[], { camera: string; state: string; boot: string | null; offset_ms: number }>(
        'SELECT camera, state, boot, offset_ms FROM open_interval',
      )
      .all();
    return new Map(
      rows.map(({ camera, state, boot, offset_ms: offsetMs }) => [
        camera,
        { state, stamp: boot === null ? undefined : { boot, offsetMs } },
      ]),
    );
  }

  nextBatch(limit: number): Batch | undefined {
    const salvaged = this.salvagedRun(limit);
    if (salvaged.length > 0) return batchOf(salvaged, salvaged[0]?.seq ?? 1);
    const rows = this.read.all(limit);
    const uncertain = rows.findIndex(({ boot }) => boot !== null);
    const certain = uncertain === -1 ? rows : rows.slice(0, uncertain);
    const { settled_up_to: settled, dropped_up_to: dropped } = this.facts();
    return batchOf(certain, Math.max(settled, dropped) + 1);
  }

  settle(storedUpTo: number, epoch = this.epoch): void {
    this.attempt(() => {
      this.rows -= epoch === this.epoch ? this.settleOwn(storedUpTo) : this.settleSalvaged(storedUpTo, epoch);
    });
  }

  backStamp(now: Stamp): { moved: number; uncorrected: number } {
    return this.attempt(() => backStamp(this.db, now));
  }

  maintain(): Retained {
    return this.attempt(() => {
      const done = this.retention.step();
      this.rows -= done.merged + done.thinned + done.dropped;
      if (this.idle) this.tidy();
      this.idle = true;
      return done;
    });
  }

  stats(): OutboxStats {
    const { last_seq: lastSeq, settled_up_to: settledUpTo, merged, thinned, dropped } = this.facts();
    const [oldest] = [...this.readSalvaged.all(1), ...this.read.all(1)];
    return {
      waiting: this.rows,
      provisional: this.count('record WHERE boot IS NOT NULL'),
      oldestAt: oldest?.added_at ?? null,
      lastSeq,
      settledUpTo,
      merged,
      thinned,
      dropped,
      fileBytes: sizeOf(this.file),
      walBytes: sizeOf(`${this.file}-wal`),
      quarantined: this.quarantined,
    };
  }

  close(): void {
    this.db.close();
  }

  /** Take over what was read back from a damaged file. */
  adopt({ epoch, rows, open }: Salvage): void {
    const add = this.db.prepare<[string, number, number, string]>(
      'INSERT INTO salvaged (epoch, seq, added_at, body) VALUES (?, ?, ?, ?)',
    );
    const keep = this.db.prepare<[string, string, string | null, number | null]>(
      'INSERT INTO open_interval (camera, state, boot, offset_ms) VALUES (?, ?, ?, ?)',
    );
    this.db.transaction(() => {
      for (const row of rows) add.run(epoch, row.seq, row.added_at, row.body);
      for (const one of open) keep.run(one.camera, one.state, one.boot, one.offset_ms);
    })();
    this.rows += rows.length;
  }

  /** Rows of one damaged file whose numbers follow each other: what is missing between them counts as lost. */
  private salvagedRun(limit: number): RecordRow[] {
    const rows = this.readSalvaged.all(limit);
    const [first] = rows;
    const end = rows.findIndex(
      ({ epoch, seq }, index) => epoch !== first?.epoch || seq !== first.seq + index,
    );
    return end === -1 ? rows : rows.slice(0, end);
  }

  private settleOwn(storedUpTo: number): number {
    return this.db.transaction(() => {
      const { changes } = this.db.prepare('DELETE FROM record WHERE seq <= ?').run(storedUpTo);
      this.db.prepare('UPDATE meta SET settled_up_to = max(settled_up_to, min(?, last_seq))').run(storedUpTo);
      return changes;
    })();
  }

  private settleSalvaged(storedUpTo: number, epoch: string): number {
    return this.db.prepare('DELETE FROM salvaged WHERE epoch = ? AND seq <= ?').run(epoch, storedUpTo)
      .changes;
  }

  /** Nobody has written for a second: empty a large log and give free pages back. */
  private tidy(): void {
    const shrinks = Number(this.db.pragma('freelist_count', { simple: true })) > FREED_PAGES;
    if (shrinks) this.db.pragma(`incremental_vacuum(${FREED_PAGES})`);
    // The file itself becomes smaller with the checkpoint only.
    if (shrinks || sizeOf(`${this.file}-wal`) > WAL_BYTES) this.db.pragma('wal_checkpoint(TRUNCATE)');
  }

  private attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw new OutboxError(`outbox ${this.file} refused a write: ${messageOf(cause)}`, { cause });
    }
  }

  private facts(): MetaRow {
    const row = this.meta.get();
    if (row === undefined) throw new OutboxError(`outbox ${this.file} has lost its own description`);
    return row;
  }

  private count(what: string): number {
    return this.db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${what}`).get()?.n ?? 0;
  }

  private prepareWrite(): (change: OutboxChange) => void {
    const add = this.db.prepare<[number, number, string, string | null, number | null]>(
      'INSERT INTO record (seq, added_at, body, boot, offset_ms) VALUES (?, ?, ?, ?, ?)',
    );
    const advance = this.db.prepare<[number]>('UPDATE meta SET last_seq = ?');
    const put = this.db.prepare<[string, string, string | null, number | null]>(
      `INSERT INTO open_interval (camera, state, boot, offset_ms) VALUES (?, ?, ?, ?) ON CONFLICT (camera)
       DO UPDATE SET state = excluded.state, boot = excluded.boot, offset_ms = excluded.offset_ms`,
    );
    return this.db.transaction(({ records = [], open = [], stamp }: OutboxChange) => {
      const boot = stamp?.boot ?? null;
      const offsetMs = stamp?.offsetMs ?? null;
      if (records.length > 0) {
        let seq = this.facts().last_seq;
        const addedAt = this.now();
        for (const record of records) add.run(++seq, addedAt, JSON.stringify(record), boot, offsetMs);
        advance.run(seq);
      }
      for (const { camera, state, stamp: under } of open)
        put.run(camera, state, under?.boot ?? null, under?.offsetMs ?? null);
    });
  }
}

/** Bodies were checked when they were made; one that does not fit the schema becomes a dead letter at the collector. */
function batchOf(rows: readonly RecordRow[], firstSeq: number): Batch | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    epoch: first.epoch,
    firstSeq,
    records: rows.map(({ body }) => JSON.parse(body) as OutboxRecord),
    seqs: rows.map(({ seq }) => seq),
    oldestAt: first.added_at,
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function migrate(db: Database.Database): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > MIGRATIONS.length) {
    throw new OutboxError('the outbox was written by a newer version; install that version again');
  }
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  })();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
