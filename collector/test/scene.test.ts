import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { recordsMessageSchema, type OutboxRecord } from '@headcount/shared';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { countsSchema } from '../src/schema/counts.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const MINUTE = 60_000;
const golden = fileURLToPath(new URL('../../shared/fixtures/records-scene.v1.json', import.meta.url));

test('counts of a bad picture are marked, and conditions and audits are kept', async () => {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone: 'UTC' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  const cookie = await collector.logIn();
  const start = Date.parse('2026-03-02T10:00Z');
  const [, moved, accepted, audit] = recordsMessageSchema.parse(JSON.parse(readFileSync(golden, 'utf8')))
    .records as OutboxRecord[];
  if (moved === undefined || accepted === undefined || audit === undefined) throw new Error('golden records');
  await gateway.sayHello();
  await gateway.deliver(1, [
    countRecord(start, { in: 3, totals: { in: 3, out: 0 } }),
    countRecord(start + MINUTE, { in: 1, totals: { in: 4, out: 0 }, suspect: ['moved', 'defocused'] }),
    countRecord(start + 2 * MINUTE, { totals: { in: 4, out: 0 }, suspect: ['moved'] }),
    moved,
    accepted,
    audit,
  ]);
  const counts = async (bucket: string) => {
    const response = await collector.get(
      `/api/v1/counts?from=${start}&to=${start + 4 * MINUTE}&bucket=${bucket}`,
      cookie,
    );
    return countsSchema.parse(await response.json()).buckets.map(({ suspect }) => suspect);
  };
  expect(await counts('minute')).toEqual([[], ['moved', 'defocused'], ['moved'], []]);
  expect(await counts('hour')).toEqual([['defocused', 'moved']]);

  await collector.withStore(async (store) => {
    expect(
      await store.selectFrom('scene_edge').select(['active', 'accepted']).orderBy('seq').execute(),
    ).toEqual([
      { active: '["moved"]', accepted: 0 },
      { active: '[]', accepted: 1 },
    ]);
    const kept = await store.selectFrom('audit_clip').selectAll().executeTakeFirstOrThrow();
    expect(kept).toMatchObject({ camera: 'door', line: 'entrance', at: 1795513900000 });
    expect(JSON.parse(kept.body)).toEqual(audit);
    const plan = await sql<{ detail: string }>`EXPLAIN QUERY PLAN SELECT start_at, suspect FROM count_interval
      WHERE gateway = 'lobby' AND camera = 'door' AND line = 'entrance' AND start_at >= 0 AND start_at < 1
      AND suspect IS NOT NULL`.execute(store);
    expect(plan.rows[0]?.detail).toContain('count_interval_suspect_index');
  });
});
