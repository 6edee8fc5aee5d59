import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { recordSchema, type OutboxRecord } from '@headcount/shared';
import Database from 'better-sqlite3';
import type { Logger } from 'pino';
import { OutboxError } from './errors.js';
import { MIGRATIONS } from './migrations/index.js';
import type { Batch, Outbox, OutboxChange, OutboxStats } from './outbox.js';

/** Where the file is and what time it is. */
export interface OutboxOptions {
  readonly file: string;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

interface MetaRow {
  epoch: string;
  last_seq: number;
  settled_up_to: number;
}

/**
 * Open the outbox file, making it where there is none. A damaged file is moved aside and a new one begun, because a
 * gateway that counts and has lost its backlog is better than one that does not count.
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

function isSound(file: string): boolean {
  try {
    const db = new Database(file);
    try {
      return db.pragma('quick_check', { simple: true }) === 'ok';
    } finally {
      db.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) return false;
    throw error;
  }
}

function beginAgain(options: OutboxOptions): Outbox {
  const { file, now, logger } = options;
  const aside = `${file}.damaged-${now()}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  logger.error({ file, aside }, 'the outbox was damaged; it was moved aside and a new one begun');
  const outbox = new SqliteOutbox(options);
  const detail = `damaged outbox moved to ${aside}`;
  outbox.commit({ records: [{ kind: 'event', at: now(), event: 'store-repaired', detail }] });
  return outbox;
}

class SqliteOutbox implements Outbox {
  readonly epoch: string;
  private readonly db: Database.Database;
  private readonly file: string;
  private readonly now: () => number;
  private readonly write: (change: OutboxChange) => void;
  private readonly remove: (upTo: number) => void;
  private readonly read: Database.Statement<[number], { seq: number; added_at: number; body: string }>;
  private readonly meta: Database.Statement<[], MetaRow>;

  constructor({ file, now }: OutboxOptions) {
    this.file = file;
    this.now = now;
    this.db = new Database(file);
    this.db.pragma('journal_mode = WAL');
    // FULL: a commit is on the disk before anybody hears of the count. NORMAL could lose it in a power cut.
    this.db.pragma('synchronous = FULL');
    migrate(this.db);
    this.db.prepare('INSERT OR IGNORE INTO meta VALUES (1, ?, 0, 0)').run(randomUUID());
    this.meta = this.db.prepare<[], MetaRow>('SELECT epoch, last_seq, settled_up_to FROM meta');
    this.read = this.db.prepare('SELECT seq, added_at, body FROM record ORDER BY seq LIMIT ?');
    this.write = this.prepareWrite();
    this.remove = this.prepareRemove();
    this.epoch = this.facts().epoch;
  }

  commit(change: OutboxChange): void {
    try {
      this.write(change);
    } catch (cause) {
      throw new OutboxError(`outbox ${this.file} refused a write: ${messageOf(cause)}`, { cause });
    }
  }

  openIntervals(): ReadonlyMap<string, string> {
    const rows = this.db
      .prepare<[], { camera: string; state: string }>('SELECT camera, state FROM open_interval')
      .all();
    return new Map(rows.map(({ camera, state }) => [camera, state]));
  }

  nextBatch(limit: number): Batch | undefined {
    const rows = this.read.all(limit);
    const [first] = rows;
    if (first === undefined) return undefined;
    const records = rows.map(({ body }) => recordSchema.parse(JSON.parse(body)));
    return { firstSeq: first.seq, records, oldestAt: first.added_at };
  }

  settle(storedUpTo: number): void {
    this.remove(storedUpTo);
  }

  stats(): OutboxStats {
    const { last_seq: lastSeq, settled_up_to: settledUpTo } = this.facts();
    const [oldest] = this.read.all(1);
    return {
      waiting: lastSeq - settledUpTo,
      oldestAt: oldest?.added_at ?? null,
      lastSeq,
      settledUpTo,
      fileBytes: statSync(this.file).size,
    };
  }

  close(): void {
    this.db.close();
  }

  private facts(): MetaRow {
    const row = this.meta.get();
    if (row === undefined) throw new OutboxError(`outbox ${this.file} has lost its own description`);
    return row;
  }

  private prepareWrite(): (change: OutboxChange) => void {
    const add = this.db.prepare<[number, number, string]>(
      'INSERT INTO record (seq, added_at, body) VALUES (?, ?, ?)',
    );
    const advance = this.db.prepare<[number]>('UPDATE meta SET last_seq = ?');
    const open = this.db.prepare<[string, string]>(
      'INSERT INTO open_interval (camera, state) VALUES (?, ?) ON CONFLICT (camera) DO UPDATE SET state = excluded.state',
    );
    return this.db.transaction((change: OutboxChange) => {
      const records: readonly OutboxRecord[] = change.records ?? [];
      if (records.length > 0) {
        let seq = this.facts().last_seq;
        const addedAt = this.now();
        for (const record of records) add.run(++seq, addedAt, JSON.stringify(record));
        advance.run(seq);
      }
      if (change.open !== undefined) open.run(change.open.camera, change.open.state);
    });
  }

  private prepareRemove(): (upTo: number) => void {
    const remove = this.db.prepare<[number]>('DELETE FROM record WHERE seq <= ?');
    const note = this.db.prepare<[number]>(
      'UPDATE meta SET settled_up_to = max(settled_up_to, min(?, last_seq))',
    );
    return this.db.transaction((upTo: number) => {
      remove.run(upTo);
      note.run(upTo);
    });
  }
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
