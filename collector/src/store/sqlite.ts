import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database, { type Statement } from 'better-sqlite3';
import { SqliteDialect, type SqliteStatement } from 'kysely';

/** Another process (the command line) may hold the write lock for a moment (ms). */
const BUSY_MS = 5000;
/** Statements that are kept ready; more than the collector has. */
const MAX_STATEMENTS = 500;

/** Kysely on a SQLite file, made with its folder where there is none. @throws Error of SQLite */
export function sqliteDialect(file: string): SqliteDialect {
  mkdirSync(dirname(file), { recursive: true });
  const database = new Database(file, { timeout: BUSY_MS });
  database.pragma('journal_mode = WAL');
  // FULL: a receipt tells the gateway to forget the record, so it must be on the disk by then.
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  // A day of a busy fleet stays in memory (KiB), and a page that many batches change is written back once for all of them.
  database.pragma('cache_size = -65536');
  database.pragma('wal_autocheckpoint = 4000');
  return new SqliteDialect({ database: withStatementCache(database) });
}

/**
 * Kysely prepares a statement for every query; parsing a batch's insert takes longer than running it, so that each text is
 * prepared once. No query is streamed, hence no statement is ever in use twice.
 */
function withStatementCache(database: Database.Database) {
  const statements = new Map<string, Statement>();
  const prepare = (text: string): SqliteStatement => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const made = database.prepare(text);
    if (statements.size >= MAX_STATEMENTS) statements.clear();
    statements.set(text, made);
    return made;
  };
  return { prepare, close: () => database.close() };
}
