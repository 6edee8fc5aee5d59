import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsMessageSchema, zoneRecordSchema } from '@headcount/shared';
import { expect, onTestFinished, test } from 'vitest';
import { countsSchema, ledgerSchema } from '../src/schema/counts.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const utc = (text: string) => Date.parse(`${text}Z`);
const NOON = utc('2026-03-02T12:00');

/** A site with two entrances on two cameras and one line inside. */
async function withShop(timeZone = 'UTC') {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  const line = (id: string, entrance: boolean) =>
    ({
      ...{ id, name: id, entrance, via: [], directions: { in: 'in', out: 'out' } },
      ...{ from: [0, 0.5], to: [1, 0.5] },
    }) as const;
  await gateway.sayHello({
    at: utc('2026-01-01T00:00'),
    cameras: [
      {
        id: 'door',
        name: 'Door',
        lines: [
          { ...line('main', true), via: [] },
          { ...line('inner', false), via: [] },
        ],
        zones: [],
      },
      { id: 'yard', name: 'Yard', lines: [{ ...line('gate', true), via: [] }], zones: [] },
    ] as never,
  });
  return { collector, gateway, cookie: await collector.logIn() };
}

/** Crossings in and out of one line in one minute. */
const at = (place: `${string}/${string}`, start: number, entered: number, left: number) => {
  const [camera = '', line = ''] = place.split('/');
  return countRecord(start, { camera, line, in: entered, out: left });
};

function search(query: Record<string, string | number>): string {
  return new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)])).toString();
}

async function ask(collector: TestCollector, cookie: string, query: Record<string, string | number>) {
  const response = await collector.get(`/api/v1/counts?${search(query)}`, cookie);
  expect(await (response.status === 200 ? '' : response.text())).toBe('');
  return countsSchema.parse(await response.json());
}

test('a site sums its entrances, a camera all its lines, and both say how much they know', async () => {
  const { collector, gateway, cookie } = await withShop();
  await gateway.deliver(1, [
    at('door/main', NOON, 5, 1),
    at('door/inner', NOON, 100, 100),
    countRecord(NOON, {
      camera: 'yard',
      line: 'gate',
      in: 2,
      observedMs: 0,
      occupancy: null,
      gaps: [{ reason: 'stalled', ms: MINUTE }],
    }),
  ]);
  const hour = { from: NOON, to: NOON + HOUR, bucket: 'hour' };
  const { buckets: site } = await ask(collector, cookie, { ...hour, by: 'site' });
  expect(site).toMatchObject([
    {
      ...{ site: 'shop', gateway: null, camera: null, line: null, sources: 2, in: 7, out: 1 },
      ...{ observedMs: MINUTE, expectedMs: 2 * HOUR, occupancyMax: null },
      gaps: [
        { reason: 'stalled', ms: MINUTE },
        { reason: 'not-received', ms: 2 * HOUR - 2 * MINUTE },
      ],
    },
  ]);
  expect(site[0]?.completeness).toBeCloseTo(1 / 120);
  const { buckets: all } = await ask(collector, cookie, { ...hour, by: 'site', entrances: 'false' });
  expect(all).toMatchObject([{ sources: 3, in: 107, out: 101 }]);
  const { buckets: cameras } = await ask(collector, cookie, { ...hour, by: 'camera' });
  expect(cameras).toMatchObject([
    { camera: 'door', line: null, sources: 2, in: 105, out: 101 },
    { camera: 'yard', line: null, sources: 1, in: 2, out: 0 },
  ]);
  const { buckets: minutes } = await ask(collector, cookie, { ...hour, by: 'site', bucket: 'minute' });
  expect(minutes).toHaveLength(60);
  expect(minutes[0]).toMatchObject({ in: 7, out: 1, observedMs: MINUTE, expectedMs: 2 * MINUTE });
  const { buckets: elsewhere } = await ask(collector, cookie, { ...hour, by: 'site', site: 'museum' });
  expect(elsewhere).toEqual([]);
});

test('every size of bucket holds the same crossings, and late data corrects all of them', async () => {
  const { collector, gateway, cookie } = await withShop('Asia/Ho_Chi_Minh');
  collector.logs.expectError(/skipped records/);
  const records = Array.from({ length: 50 }, (_, day) => at('door/main', NOON + day * DAY, day, 1));
  await gateway.deliver(1, records.slice(0, 20));
  await gateway.deliver(31, records.slice(30));
  await gateway.deliver(21, records.slice(20, 30));
  for (const [bucket, days] of [
    ['hour', 50],
    ['day', 50],
    ['week', 50],
    ['month', 50],
    ['quarter', 31],
  ] as const) {
    const { buckets } = await ask(collector, cookie, {
      ...{ from: NOON - 12 * HOUR, to: NOON - 12 * HOUR + days * DAY, bucket, line: 'main' },
    });
    const [entered, left] = [0, 0].map((_, index) =>
      buckets.reduce((sum, one) => sum + (index === 0 ? one.in : one.out), 0),
    );
    expect([bucket, entered, left]).toEqual([bucket, (days * (days - 1)) / 2, days]);
    buckets.slice(1).forEach(({ start }, index) => expect(start).toBe(buckets[index]?.end));
  }
});

test('the week before is that of the same weekday and time of the clock, also over a change of the clock', async () => {
  const { collector, gateway, cookie } = await withShop('Europe/Berlin');
  // Clocks went forward on 29 March 2026: ten in the morning is 08:00 UTC after it and 09:00 UTC before.
  await gateway.deliver(1, [
    at('door/main', utc('2026-03-24T09:00'), 30, 3),
    at('door/main', utc('2026-03-31T08:00'), 40, 4),
  ]);
  const from = utc('2026-03-31T08:00');
  const { buckets } = await ask(collector, cookie, { from, to: from + HOUR, line: 'main', compare: 'week' });
  expect(buckets).toMatchObject([
    { in: 40, out: 4, before: { start: utc('2026-03-24T09:00'), in: 30, out: 3, observedMs: MINUTE } },
  ]);
  const month = await collector.get(
    `/api/v1/counts?from=${from}&to=${from + HOUR}&bucket=month&compare=week`,
    cookie,
  );
  expect([month.status, await month.text()]).toMatchObject([400, expect.stringContaining('compare:')]);
});

test('pages follow each other without a hole, and a cursor that fits nothing is refused', async () => {
  const { collector, gateway, cookie } = await withShop();
  await gateway.deliver(1, [at('door/main', NOON, 1, 0), at('yard/gate', NOON + 5 * HOUR, 2, 0)]);
  const query = { from: NOON, to: NOON + 10 * HOUR, bucket: 'hour' };
  const { buckets: whole, next: none } = await ask(collector, cookie, query);
  expect([whole.length, none]).toEqual([30, null]);
  for (const limit of [1, 7, 10, 29, 30]) {
    const pages = [];
    let cursor: string | null = null;
    do {
      const page = await ask(collector, cookie, { ...query, limit, ...(cursor !== null && { cursor }) });
      expect(page.buckets.length).toBeLessThanOrEqual(limit);
      pages.push(...page.buckets);
      cursor = page.next;
    } while (cursor !== null);
    expect(pages).toEqual(whole);
  }
  for (const cursor of ['nonsense', Buffer.from('["lobby/door/gone",1]').toString('base64url')]) {
    const response = await collector.get(`/api/v1/counts?${search({ ...query, cursor })}`, cookie);
    expect([response.status, await response.text()]).toMatchObject([400, expect.stringContaining('cursor:')]);
  }
});

test('zones are counted like lines, with people at once and how long they stayed', async () => {
  const { collector, gateway, cookie } = await withShop();
  const golden = new URL('../../shared/fixtures/records-zones.v1.json', import.meta.url);
  const records = recordsMessageSchema.parse(JSON.parse(readFileSync(golden, 'utf8'))).records ?? [];
  const zone = records
    .map((record) => zoneRecordSchema.safeParse(record).data)
    .find((found) => found !== undefined);
  if (zone === undefined) throw new Error('golden zone record');
  await gateway.deliver(1, [zone, { ...zone, start: zone.start + MINUTE }]);
  const query = { of: 'zones', from: zone.start, to: zone.start + HOUR };
  const { buckets } = await ask(collector, cookie, { ...query, bucket: 'day' });
  const visits = zone.dwell.buckets.reduce((sum, one) => sum + one, 0);
  expect(buckets).toMatchObject([
    {
      ...{ zone: zone.zone, line: null, camera: zone.camera, in: 2 * zone.entries, out: 2 * zone.exits },
      ...{ occupancyMax: zone.occupancy?.max, queueMax: zone.queue?.max },
      meanDwellMs: visits === 0 ? null : Math.round(zone.dwell.sumMs / visits),
      observedMs: 2 * zone.observedMs,
    },
  ]);
  const minutes = await collector.get(`/api/v1/counts?${search({ ...query, bucket: 'minute' })}`, cookie);
  expect([minutes.status, await minutes.text()]).toMatchObject([400, expect.stringContaining('quarters')]);
});

test('an export carries every time with its offset and is refused rather than cut', async () => {
  const { collector, gateway, cookie } = await withShop('Asia/Ho_Chi_Minh');
  await gateway.deliver(1, [at('door/main', NOON, 5, 1)]);
  const query = { from: NOON, to: NOON + 2 * HOUR, bucket: 'hour', line: 'main' };
  const csv = await collector.get(`/api/v1/counts?${search({ ...query, format: 'csv' })}`, cookie);
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="counts.csv"');
  const [header, first, second, end] = (await csv.text()).split('\r\n');
  expect(header).toMatch(/^site,gateway,camera,line,zone,start,end,in,out,observed_seconds,/);
  expect(first).toMatch(
    /^shop,lobby,door,main,,2026-03-02T19:00:00\+07:00,2026-03-02T20:00:00\+07:00,5,1,60,3600,0\.0167,not-received 3540 s,/,
  );
  expect(second).toMatch(/^shop,lobby,door,main,,2026-03-02T20:00:00\+07:00,.*,0,0,0,3600,0,/);
  expect(end).toBe('');
  const xlsx = await collector.get(`/api/v1/counts?${search({ ...query, format: 'xlsx' })}`, cookie);
  expect(xlsx.headers.get('content-disposition')).toBe('attachment; filename="counts.xlsx"');
  expect(sheetOf(Buffer.from(await xlsx.arrayBuffer()))).toMatch(/2026-03-02T19:00:00\+07:00.*<v>5<\/v>/s);
  const cut = await collector.get(`/api/v1/counts?${search({ ...query, format: 'csv', limit: 1 })}`, cookie);
  expect([cut.status, await cut.text()]).toMatchObject([400, expect.stringContaining('limit:')]);
});

/** The texts and cells of a workbook, unpacked by another program. */
function sheetOf(file: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-xlsx-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'counts.xlsx'), file);
  execFileSync('python3', ['-m', 'zipfile', '-e', join(folder, 'counts.xlsx'), folder]);
  const part = (name: string) => readFileSync(join(folder, 'xl', name), 'utf8');
  return part('sharedStrings.xml') + part('worksheets/sheet1.xml');
}

test('what totals prove missing is listed with its stretch, and goes when it comes after all', async () => {
  const { collector, gateway, cookie } = await withShop();
  collector.logs.expectError(
    /skipped records|^9 counts missing between 2026-03-02T12:01:00.000Z and 2026-03-02T12:03:00.000Z$/,
  );
  const record = (minute: number, entered: number, total: number) =>
    countRecord(NOON + minute * MINUTE, {
      camera: 'door',
      line: 'main',
      in: entered,
      totals: { in: total, out: 0 },
    });
  await gateway.deliver(1, [record(0, 5, 5)]);
  await gateway.deliver(4, [record(3, 1, 15)]);
  const ledger = async () => ledgerSchema.parse(await (await collector.get('/api/v1/ledger', cookie)).json());
  expect(await ledger()).toMatchObject({
    gaps: [
      {
        ...{ gateway: 'lobby', camera: 'door', line: 'main', missingIn: 9, missingOut: 0 },
        ...{ from: NOON + MINUTE, to: NOON + 3 * MINUTE },
      },
    ],
    next: null,
  });
  await gateway.deliver(2, [record(1, 4, 9), record(2, 5, 14)]);
  expect(await ledger()).toEqual({ gaps: [], next: null });
});

test('an answer that has not changed is not sent again', async () => {
  const { collector, gateway, cookie } = await withShop();
  await gateway.deliver(1, [at('door/main', NOON, 5, 1)]);
  const path = `/api/v1/counts?${search({ from: NOON, to: NOON + HOUR })}`;
  const tag = (await collector.get(path, cookie)).headers.get('etag');
  const again = () => fetch(collector.httpUrl + path, { headers: { cookie, 'if-none-match': tag ?? '' } });
  expect((await again()).status).toBe(304);
  await gateway.deliver(2, [at('door/main', NOON + MINUTE, 1, 1)]);
  expect((await again()).status).toBe(200);
});
