import { CompiledQuery, type InsertQueryBuilder, type InsertResult } from 'kysely';
import { isPostgres } from './dialect.js';
import type { Queryable, Store } from './store.js';
import type { Tables } from './tables.js';

/** Statements by table, kind of database and number of rows. */
const texts = new Map<string, string>();
const MAX_TEXTS = 2000;

/** Tables whose rows come by the hundred. */
type Table = 'count_interval' | 'zone_interval' | 'rollup' | 'rollup_part' | 'late_quarter';
type Insert = InsertQueryBuilder<Tables, Table, InsertResult>;

/**
 * Insert many rows by one statement. Building the statement takes longer than running it, and it is the same for every
 * batch of as many rows, so that it is built once.
 * @param rows with the same columns in the same order, all of them given
 * @param onConflict what the statement ends with
 */
export async function insertRows(
  db: Queryable,
  table: Table,
  rows: readonly object[],
  onConflict: (insert: Insert) => Insert,
): Promise<void> {
  if (rows.length === 0) return;
  const key = `${table} ${isPostgres(db as Store) ? 'postgres' : 'sqlite'} ${rows.length}`;
  const known = texts.get(key);
  const text = known ?? onConflict((db as Store).insertInto(table).values(rows as never)).compile().sql;
  if (known === undefined) {
    if (texts.size >= MAX_TEXTS) texts.clear();
    texts.set(key, text);
  }
  const parameters = rows.flatMap((row) => Object.values(row) as unknown[]);
  await db.executeQuery(CompiledQuery.raw(text, parameters));
}
