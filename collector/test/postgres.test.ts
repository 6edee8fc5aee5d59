import { afterAll, beforeAll, expect, test } from 'vitest';
import { listErrorGroups, setErrorState, storeErrors } from '../src/error-groups/groups.js';
import { countsSchema } from '../src/schema/counts.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { TestPostgres } from './_util/postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

test('a collector on PostgreSQL stores a batch once and answers for it', async () => {
  const collector = await startCollector({ databaseUrl: await postgres.database() });
  collector.logs.expectError(/dead letter/);
  const password = await collector.addGateway('lobby');
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  const start = Date.parse('2026-03-02T10:00Z');
  await gateway.sayHello();
  const records = [
    countRecord(start, { in: 3, out: 1, totals: { in: 3, out: 1 } }),
    { kind: 'nonsense' },
    countRecord(start + 60_000, { in: 2, totals: { in: 5, out: 1 } }),
  ];
  const receipt = await gateway.deliver(1, records);
  expect(receipt).toMatchObject({ storedUpTo: 3, deadLettered: [{ seq: 2 }] });
  expect(await gateway.deliver(1, records)).toMatchObject({ storedUpTo: 3, deadLettered: [] });
  const cookie = await collector.logIn();
  const query = `from=${start}&to=${start + 3_600_000}&bucket=hour`;
  const answer = await collector.get(`/api/v1/counts?${query}`, cookie);
  expect(answer.status).toBe(200);
  const { buckets } = countsSchema.parse(await answer.json());
  expect(buckets).toMatchObject([{ in: 5, out: 1, observedMs: 120_000 }]);
  const soon = Date.now() + 3_600_000;
  const window = { scope: 'site', site: 'main', start: soon, end: soon + 60_000, reason: 'power' };
  expect((await collector.post('/api/v1/maintenance', window, { cookie })).status).toBe(201);
  collector.logs.errorLines.take();
  collector.logs.logger.error('a dead letter');
  await collector.withStore(async (store) => {
    const seen = collector.logs.errorLines.take();
    for (const version of ['1.0.0', '1.1.0']) {
      await storeErrors(store, seen, version);
      const [group] = await listErrorGroups(store, { limit: 1 });
      expect(group).toMatchObject({ message: 'a dead letter', lastVersion: version, state: 'open' });
      const change = { state: 'resolved', by: 'lan', version } as const;
      await setErrorState(store, group?.fingerprint ?? '', change, 1);
    }
  });
  for (const path of [
    'errors?limit=1',
    'slo',
    'cameras',
    'maintenance?open=true&limit=1',
    'gateways',
    'sites',
    'zones',
    'availability',
    'sites/main/occupancy',
  ])
    expect([path, (await collector.get(`/api/v1/${path}`, cookie)).status]).toEqual([path, 200]);
});
