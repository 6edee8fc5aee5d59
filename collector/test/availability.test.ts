import { expect, test } from 'vitest';
import { availabilitySchema } from '../src/schema/availability.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function withGateway() {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone: 'UTC' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  return { collector, gateway, cookie: await collector.logIn() };
}

async function availability(collector: TestCollector, cookie: string, query = '') {
  const response = await collector.get(`/api/v1/availability${query}`, cookie);
  expect(response.status).toBe(200);
  return availabilitySchema.parse(await response.json());
}

test('up, down, switched off and unknown are four things, and a batch that comes twice counts once', async () => {
  const { collector, gateway, cookie } = await withGateway();
  const minute = Math.floor(Date.now() / MINUTE) * MINUTE;
  const start = minute - 10 * MINUTE;
  const batch = [
    countRecord(start),
    countRecord(start + MINUTE, { observedMs: 0, gaps: [{ reason: 'backoff', ms: MINUTE }] }),
    countRecord(start + 2 * MINUTE, { observedMs: 0, gaps: [{ reason: 'disabled', ms: MINUTE }] }),
    countRecord(start + 3 * MINUTE, { observedMs: 0, gaps: [{ reason: 'agent-killed', ms: MINUTE }] }),
    // Six more minutes are due and have not come.
    countRecord(start + 4 * MINUTE, { observedMs: 50_000, gaps: [{ reason: 'overload', ms: 10_000 }] }),
  ];
  await gateway.deliver(1, batch);
  await gateway.deliver(1, batch);
  const { cameras, gateways, sites, target } = await availability(collector, cookie);
  const [camera] = cameras;
  if (camera === undefined) throw new Error('one camera expected');
  const { goodMs, badMs, unknownMs, maintenanceMs, ...shares } = camera;
  expect({ goodMs, badMs, maintenanceMs }).toEqual({
    goodMs: 2 * MINUTE,
    badMs: MINUTE,
    maintenanceMs: MINUTE,
  });
  // A minute may have passed since the start of this test.
  expect([6 * MINUTE, 7 * MINUTE]).toContain(unknownMs);
  expect(shares.availability).toBeCloseTo(2 / 3);
  expect(shares.coverage).toBeCloseTo((3 * MINUTE) / (4 * MINUTE + unknownMs));
  expect(target).toBe(0.99);
  expect([gateways, sites]).toMatchObject([
    [{ name: 'lobby', goodMs, badMs }],
    [{ name: 'shop', goodMs, badMs }],
  ]);
});

test('late data corrects it, a merged hour counts as an hour, and only the window counts', async () => {
  const { collector, gateway, cookie } = await withGateway();
  collector.logs.expectError(/skipped records/);
  const hour = Math.floor(Date.now() / HOUR) * HOUR;
  await gateway.deliver(3, [countRecord(hour - HOUR, { lengthMs: HOUR, observedMs: HOUR })]);
  const before = await availability(collector, cookie);
  expect(before.cameras[0]).toMatchObject({ goodMs: HOUR, badMs: 0, availability: 1 });
  const down = { lengthMs: HOUR, observedMs: 0, gaps: [{ reason: 'stalled' as const, ms: HOUR }] };
  await gateway.deliver(1, [
    countRecord(hour - 3 * 24 * HOUR, down),
    countRecord(hour - 2 * HOUR, { ...down, lengthMs: HOUR }),
  ]);
  const after = await availability(collector, cookie);
  expect(after.cameras[0]).toMatchObject({ goodMs: HOUR, badMs: 2 * HOUR });
  const day = await availability(collector, cookie, '?days=1');
  expect(day.cameras[0]).toMatchObject({ goodMs: HOUR, badMs: HOUR, availability: 0.5 });
});

test('a camera without any record is unknown, and a wrong question is told what is right', async () => {
  const { collector, cookie } = await withGateway();
  const { cameras } = await availability(collector, cookie);
  expect(cameras).toMatchObject([{ id: 'door', availability: null, goodMs: 0, badMs: 0 }]);
  const wrong = await collector.get('/api/v1/availability?days=0', cookie);
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).toContain('days');
  expect((await collector.get('/api/v1/availability')).status).toBe(401);
});
