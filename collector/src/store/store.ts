import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, Migrator, SqliteDialect, type Transaction } from 'kysely';
import { MIGRATIONS } from './migrations/index.js';
import type { Tables } from './tables.js';

/** The collector's database. */
export type Store = Kysely<Tables>;
/** A query runs on the database or inside a transaction. */
export type Queryable = Store | Transaction<Tables>;

/** Another process (the command line) may hold the write lock for a moment (ms). */
const BUSY_MS = 5000;

/**
 * Open the database file, making it where there is none, and bring it to today's schema.
 * @throws Error of the first migration that fails, or of SQLite
 */
export async function openStore(file: string): Promise<Store> {
  mkdirSync(dirname(file), { recursive: true });
  const database = new Database(file, { timeout: BUSY_MS });
  database.pragma('journal_mode = WAL');
  // FULL: a receipt tells the gateway to forget the record, so it must be on the disk by then.
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  const store = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  const migrator = new Migrator({
    db: store,
    provider: { getMigrations: async () => Promise.resolve(MIGRATIONS) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined)
    throw error instanceof Error ? error : new Error('the database cannot be migrated', { cause: error });
  return store;
}
