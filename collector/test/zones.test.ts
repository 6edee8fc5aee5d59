import { DWELL_BOUNDS_MS } from '@headcount/shared';
import { expect, test } from 'vitest';
import { changeSite } from '../src/fleet/sites.js';
import { siteOccupancySchema, zonesTodaySchema } from '../src/schema/api.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function withGateway() {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone: 'UTC' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  return { collector, gateway, cookie: await collector.logIn() };
}

const LINE = {
  id: 'entrance',
  name: 'Entrance',
  from: [0, 0.5] as [number, number],
  via: [],
  to: [1, 0.5] as [number, number],
  directions: { in: 'north', out: 'south' },
};
const TILL = {
  id: 'till',
  name: 'Till',
  polygon: [
    [0, 0],
    [1, 0],
    [1, 1],
  ] as [number, number][],
  capacity: 5,
};

function birth(entrance: boolean) {
  return { cameras: [{ id: 'door', name: 'Front door', lines: [{ ...LINE, entrance }], zones: [TILL] }] };
}

function zoneRecord(start: number, changes: Record<string, unknown> = {}) {
  return {
    kind: 'zone',
    camera: 'door',
    zone: 'till',
    start,
    lengthMs: MINUTE,
    entries: 3,
    exits: 2,
    totals: { entries: 3, exits: 2 },
    occupancy: { min: 0, max: 4, mean: 1.5 },
    queue: { max: 2, mean: 0.5 },
    dwell: { sumMs: 30_000, buckets: DWELL_BOUNDS_MS.map((_, index) => (index < 2 ? 1 : 0)).concat(0) },
    observedMs: MINUTE,
    gaps: [],
    configVersion: 'test',
    modelHash: 'a'.repeat(64),
    ...changes,
  };
}

async function occupancy(collector: TestCollector, cookie: string) {
  const response = await collector.get('/api/v1/sites/shop/occupancy', cookie);
  expect(response.status).toBe(200);
  return siteOccupancySchema.parse(await response.json());
}

test('a zone is shown with its day, and a batch that comes twice counts once', async () => {
  const { collector, gateway, cookie } = await withGateway();
  await gateway.sayHello(birth(false));
  const start = Math.floor(Date.now() / MINUTE) * MINUTE;
  const edge = {
    kind: 'capacity',
    camera: 'door',
    zone: 'till',
    at: start,
    over: true,
    occupancy: 6,
    capacity: 5,
  };
  const records = [zoneRecord(start), edge];
  await gateway.deliver(1, records);
  await gateway.deliver(1, records);
  const { zones } = zonesTodaySchema.parse(await (await collector.get('/api/v1/zones', cookie)).json());
  expect(zones).toMatchObject([
    {
      id: 'till',
      name: 'Till',
      capacity: 5,
      entries: 3,
      exits: 2,
      occupancyMax: 4,
      queueMax: 2,
      meanDwellMs: 15_000,
      observedMs: MINUTE,
    },
  ]);
  const edges = await collector.withStore((store) => store.selectFrom('zone_edge').selectAll().execute());
  expect(edges).toMatchObject([{ zone: 'till', over: 1, occupancy: 6, capacity: 5 }]);
});

test('a zone record whose time does not add up is a dead letter with its reason', async () => {
  const { collector, gateway } = await withGateway();
  collector.logs.expectError(/dead letter/);
  await gateway.sayHello(birth(false));
  const receipt = await gateway.deliver(1, [zoneRecord(0, { observedMs: 1 })]);
  expect(receipt.deadLettered).toMatchObject([
    { seq: 1, reason: expect.stringContaining('must add up') as string },
  ]);
});

test('a site says why it cannot tell how many people are inside, then tells it and its drift', async () => {
  const { collector, gateway, cookie } = await withGateway();
  await gateway.sayHello(birth(false));
  expect(await occupancy(collector, cookie)).toMatchObject({ missing: 'no-closing-time', occupancy: null });
  const now = new Date();
  // Closed an hour ago, whatever the time of the day is.
  const closed = Math.floor((now.getTime() - HOUR) / MINUTE) * MINUTE;
  const closing = new Date(closed).toISOString().slice(11, 16);
  await collector.withStore((store) => changeSite(store, 'shop', { closingTime: closing }));
  expect(await occupancy(collector, cookie)).toMatchObject({ missing: 'no-entrance', occupancy: null });
  await gateway.sayHello(birth(true));
  await gateway.deliver(1, [
    countRecord(closed - 5 * HOUR, { in: 40, out: 37, totals: { in: 40, out: 37 } }),
    countRecord(closed + 10 * MINUTE, { in: 9, out: 2, totals: { in: 49, out: 39 } }),
  ]);
  const answer = await occupancy(collector, cookie);
  expect(answer.occupancy).toMatchObject({ now: 7, since: closed });
  expect(answer.occupancy?.days.at(-2)).toMatchObject({ in: 40, out: 37, drift: 3 });
  // A record of yesterday that comes late corrects the drift.
  await gateway.deliver(3, [countRecord(closed - 4 * HOUR, { out: 3, totals: { in: 49, out: 42 } })]);
  const corrected = await occupancy(collector, cookie);
  expect(corrected.occupancy?.days.at(-2)).toMatchObject({ drift: 0 });
  expect(corrected.occupancy?.now).toBe(7);
});

test('the closing time of a site that does not exist is refused', async () => {
  const { collector } = await withGateway();
  await expect(
    collector.withStore((store) => changeSite(store, 'moon', { closingTime: '22:00' })),
  ).rejects.toThrow('there is no site "moon"');
});
