import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsMessageSchema, rowsOf } from '@headcount/shared';
import { Kysely, Migrator, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { rebuildRollups } from '../src/counts/rollups.js';
import { storeBatch } from '../src/ingest/batch.js';
import { isPostgres } from '../src/store/dialect.js';
import { MIGRATIONS } from '../src/store/migrations/index.js';
import { postgresDialect } from '../src/store/postgres.js';
import { sqliteDialect } from '../src/store/sqlite.js';
import { openStore, type Store } from '../src/store/store.js';
import { TestPostgres } from './_util/postgres.js';

const FIXTURES = new URL('../../shared/fixtures/', import.meta.url);
const MINUTE = 60_000;
const START = Date.parse('2026-03-02T10:00Z');
const ROWS = 30;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

async function place(kind: 'SQLite' | 'PostgreSQL'): Promise<string> {
  if (kind === 'PostgreSQL') return postgres.database();
  const folder = mkdtempSync(join(tmpdir(), 'headcount-migrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'x.sqlite');
}

/** A database as an earlier version left it, with what every version has: a fleet, people, counts, edges, dead letters. */
async function earlier(where: string, version: string): Promise<void> {
  const dialect = where.startsWith('postgres:')
    ? postgresDialect(where, () => undefined)
    : sqliteDialect(where);
  const db = new Kysely<unknown>({ dialect });
  const provider = { getMigrations: async () => Promise.resolve(MIGRATIONS) };
  const { error } = await new Migrator({ db, provider }).migrateTo(version);
  if (error !== undefined)
    throw error instanceof Error ? error : new Error('cannot migrate', { cause: error });
  await sql`INSERT INTO site (name, time_zone) VALUES ('shop', 'Asia/Ho_Chi_Minh')`.execute(db);
  await sql`INSERT INTO gateway (name, site, secret_hash, added_at, status) VALUES ('lobby', 'shop', 'x', 1, 'online')`.execute(
    db,
  );
  await sql`INSERT INTO camera (gateway, id, name, present) VALUES ('lobby', 'door', 'Door', 1)`.execute(db);
  await sql`INSERT INTO line (gateway, camera, id, name, present, first_at) VALUES ('lobby', 'door', 'main', 'Main', 1, ${START})`.execute(
    db,
  );
  await sql`INSERT INTO "user" (username, password_hash, role, created_at) VALUES ('admin', 'x', 'admin', 1)`.execute(
    db,
  );
  for (let seq = 1; seq <= ROWS; seq++) {
    const start = START + seq * MINUTE;
    await sql`INSERT INTO count_interval (gateway, epoch, seq, camera, line, start_at, end_at, in_count, out_count, total_in, total_out,
      observed_ms, gaps, config_version, model_hash, received_at) VALUES ('lobby', 'e', ${seq}, 'door', 'main', ${start}, ${start + MINUTE},
      2, 1, ${2 * seq}, ${seq}, 50000, '[{"reason":"stalled","ms":10000}]', 'c', 'm', 1)`.execute(db);
    await sql`INSERT INTO camera_edge (gateway, epoch, seq, camera, state, cause, at) VALUES ('lobby', 'e', ${1000 + seq}, 'door', 'streaming', 'recovered', ${start})`.execute(
      db,
    );
  }
  await sql`INSERT INTO ingest_cursor (gateway, epoch, stored_up_to, updated_at) VALUES ('lobby', 'e', ${ROWS}, 1)`.execute(
    db,
  );
  await sql`INSERT INTO dead_letter (gateway, topic, epoch, seq, reason, payload, payload_sha256, at) VALUES ('lobby', 't', 'e', 1, 'r', 'p', 's', 1)`.execute(
    db,
  );
  await db.destroy();
}

async function countOf(
  store: Store,
  table: 'count_interval' | 'camera_edge' | 'dead_letter' | 'user' | 'gateway',
) {
  const { rows } = await store
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  return rows;
}

describe.each(['SQLite', 'PostgreSQL'] as const)('on %s', (kind) => {
  test.each(Object.keys(MIGRATIONS))(
    'a database of version %s is brought to today with all that it holds',
    async (version) => {
      const where = await place(kind);
      await earlier(where, version);
      const store = await openStore(where);
      onTestFinished(() => store.destroy());
      expect(isPostgres(store)).toBe(kind === 'PostgreSQL');
      expect(await countOf(store, 'count_interval')).toBe(ROWS);
      expect(await countOf(store, 'camera_edge')).toBe(ROWS);
      expect([
        await countOf(store, 'dead_letter'),
        await countOf(store, 'user'),
        await countOf(store, 'gateway'),
      ]).toEqual([1, 1, 1]);
      await rebuildRollups(store);
      // A version that had sums already kept them with its batches; here the rows were put in by hand.
      const day = await store.selectFrom('rollup').selectAll().where('size', '=', 'day').execute();
      if (version < '006')
        expect(day).toMatchObject([{ in_count: 2 * ROWS, out_count: ROWS, observed_ms: 50_000 * ROWS }]);
      // An older agent goes on sending what it has always sent.
      const golden = readdirSync(FIXTURES).filter((name) => name.startsWith('records'));
      expect(golden.length).toBeGreaterThan(4);
      for (const name of golden) {
        const message = recordsMessageSchema.parse(JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8')));
        const { receipt } = await storeBatch(store, { gateway: 'lobby', topic: 't', message }, START);
        expect([name, receipt.deadLettered]).toEqual([name, []]);
        expect(receipt.storedUpTo).toBeGreaterThanOrEqual(rowsOf(message).at(-1)?.seq ?? 0);
      }
    },
  );
});
