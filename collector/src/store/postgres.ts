import { PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';

/** Connections of one collector; PostgreSQL's own limit is 100 for all. */
const MAX_CONNECTIONS = 10;
/** Waiting for a connection for longer is a failure (ms). */
const CONNECT_TIMEOUT_MS = 5000;
/** Types whose values come as text by default: counts and sums here are far below 2^53. */
const NUMBERS: ReadonlySet<number> = new Set([types.builtins.INT8, types.builtins.NUMERIC]);

/**
 * Kysely on a PostgreSQL server.
 * @param url such as postgres://user:password@host:5432/headcount
 * @param onIdleError a connection that nobody used broke; the pool makes another one
 */
export function postgresDialect(url: string, onIdleError: (error: Error) => void): PostgresDialect {
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'headcount-collector',
    types: { getTypeParser },
  });
  pool.on('error', onIdleError);
  return new PostgresDialect({ pool });
}

const getTypeParser: typeof types.getTypeParser = (oid, format) =>
  NUMBERS.has(oid) ? Number : (types.getTypeParser(oid, format) as (value: string) => unknown);
