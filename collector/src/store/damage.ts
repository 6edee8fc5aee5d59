import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import type { Store } from './store.js';

/** Problems that are named; a damaged file has thousands. */
const MOST_PROBLEMS = 5;

/** Runs in a thread of its own, because reading every page of a large file takes seconds. */
const CHECK = `
const { parentPort, workerData } = require('node:worker_threads');
const Database = require(workerData.library);
const db = new Database(workerData.file, { readonly: true, fileMustExist: true });
parentPort.postMessage(db.pragma('quick_check(${MOST_PROBLEMS})').map((row) => row.quick_check));
db.close();
`;

/**
 * What is damaged in the database; undefined when nothing is found. SQLite reads every page (PRAGMA quick_check); PostgreSQL counts
 * pages whose checksum was wrong when it read them, where the cluster has checksums.
 * @param file SQLite's file; undefined for a server
 */
export async function databaseDamage(store: Store, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return postgresDamage(store);
  try {
    const lines = await quickCheck(file);
    return lines.length === 1 && lines[0] === 'ok' ? undefined : lines.join('; ');
  } catch (error) {
    // A page that cannot even be read ends the check itself.
    return error instanceof Error ? error.message : String(error);
  }
}

async function quickCheck(file: string): Promise<string[]> {
  const library = createRequire(import.meta.url).resolve('better-sqlite3');
  const worker = new Worker(CHECK, { eval: true, workerData: { file, library }, execArgv: [], env: {} });
  try {
    return await new Promise<string[]>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the check of the database ended with ${code}`)));
    });
  } finally {
    await worker.terminate();
  }
}

async function postgresDamage(store: Store): Promise<string | undefined> {
  const { rows } = await sql<{ failures: string | null }>`SELECT sum(checksum_failures) AS failures
    FROM pg_stat_database`.execute(store);
  const failures = Number(rows[0]?.failures ?? 0);
  return failures === 0 ? undefined : `${failures} pages had a wrong checksum (pg_stat_database)`;
}
