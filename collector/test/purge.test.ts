import { afterAll, beforeAll, expect, test } from 'vitest';
import { purgeAll } from '../src/purge.js';
import { openStore, type Store } from '../src/store/store.js';
import { TestPostgres } from './_util/postgres.js';

const DAY = 24 * 3_600_000;
const END = Date.parse('2026-03-02T10:00Z');
const KEPT = { minuteDays: 90, quarterDays: 400, eventDays: 30, hostDays: 30, deadLetterDays: 30 };

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

/** By their names: over at END by time or by hand, over a day later, not over. */
async function addSilences(store: Store): Promise<void> {
  const silence = { rule: 'camera-offline', reason: 'a test', author: 'an', created_at: END - DAY };
  const manual = { end_reason: 'manual', ended_by: 'an' } as const;
  await store
    .insertInto('silence')
    .values([
      { ...silence, id: 'by time', until_at: END },
      { ...silence, id: 'by hand', until_at: END + 2 * DAY, ended_at: END, ...manual },
      { ...silence, id: 'later', until_at: END + DAY },
      { ...silence, id: 'open', created_at: END + 400 * DAY, until_at: END + 401 * DAY },
    ])
    .execute();
}

async function addDrills(store: Store): Promise<void> {
  const drill = {
    ...{ scenario: 'site-cut', site: 'drill-site-cut', started_by: 'an', started_at: END - DAY },
    ...{ beat_at: END, incident: null, severity: null, steps: '[]', measures: '[]' },
  };
  await store
    .insertInto('drill')
    .values([
      { ...drill, id: 'ended', ended_at: END, outcome: 'kept' },
      { ...drill, id: 'later', ended_at: END + DAY, outcome: 'missed' },
      { ...drill, id: 'running', ended_at: null, outcome: null },
    ])
    .execute();
}

async function ids(store: Store, table: 'silence' | 'drill'): Promise<string[]> {
  const rows = await store.selectFrom(table).select('id').execute();
  return rows.map(({ id }) => id).sort();
}

test.each(['SQLite', 'PostgreSQL'] as const)(
  'silences and drills go 400 days after their end, and not before, on %s',
  async (kind) => {
    const store = await openStore(kind === 'PostgreSQL' ? await postgres.database() : ':memory:');
    await addSilences(store);
    await addDrills(store);
    const due = END + 400 * DAY;
    expect(await purgeAll(store, KEPT, due)).toMatchObject({ silences: 0, drills: 0 });
    expect(await purgeAll(store, KEPT, due + 1)).toMatchObject({ silences: 2, drills: 1 });
    expect(await ids(store, 'silence')).toEqual(['later', 'open']);
    expect(await ids(store, 'drill')).toEqual(['later', 'running']);
    await store.destroy();
  },
);
