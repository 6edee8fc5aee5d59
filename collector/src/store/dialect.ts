import { PostgresAdapter, type Kysely } from 'kysely';

/** Whether this database is PostgreSQL; else it is SQLite. For the few statements that the two do not share. */
export function isPostgres<T>(db: Kysely<T>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}
