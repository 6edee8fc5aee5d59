import { Kysely, Migrator, type LogEvent, type Transaction } from 'kysely';
import { isServer } from '../config/place.js';
import { MIGRATIONS } from './migrations/index.js';
import { postgresDialect } from './postgres.js';
import { sqliteDialect } from './sqlite.js';
import type { Tables } from './tables.js';

/** The collector's database. */
export type Store = Kysely<Tables>;
/** A query runs on the database or inside a transaction. */
export type Queryable = Store | Transaction<Tables>;

/** Work in the caller's transaction where there is one, else in one of its own. */
export async function inTransaction<T>(
  db: Queryable,
  work: (trx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  return db.isTransaction ? work(db as Transaction<Tables>) : db.transaction().execute(work);
}

/** What the database tells. */
export interface StoreHooks {
  /** A connection to the server broke while nobody used it. */
  readonly onIdleError?: (error: Error) => void;
  /** A statement has run. */
  readonly onQuery?: (sql: string, seconds: number, failed: boolean) => void;
}

/**
 * Open the database and bring it to today's schema.
 * @param place a SQLite file, made where there is none, or the URL of a PostgreSQL database (postgres://…)
 * @throws Error of the first migration that fails, or of the database
 */
export async function openStore(
  place: string,
  { onIdleError = () => undefined, onQuery }: StoreHooks = {},
): Promise<Store> {
  const dialect = isServer(place) ? postgresDialect(place, onIdleError) : sqliteDialect(place);
  const log = (event: LogEvent) =>
    onQuery?.(event.query.sql, event.queryDurationMillis / 1000, event.level === 'error');
  const store = new Kysely<Tables>({ dialect, ...(onQuery !== undefined && { log }) });
  const migrator = new Migrator({
    db: store,
    provider: { getMigrations: async () => Promise.resolve(MIGRATIONS) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return store;
  await store.destroy();
  throw error instanceof Error ? error : new Error('the database cannot be migrated', { cause: error });
}
