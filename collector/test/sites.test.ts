import { expect, test } from 'vitest';
import { countsSchema } from '../src/schema/counts.js';
import { siteSchema, sitesSchema, WEEKDAYS } from '../src/schema/sites.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const HOUR = 3_600_000;

async function change(collector: TestCollector, cookie: string, site: string, body: unknown) {
  return fetch(`${collector.httpUrl}/api/v1/sites/${site}`, {
    method: 'PATCH',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** The site's clock as HH:MM, some hours from now. */
const clock = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString().slice(11, 16);

test('a site says whether it is open, until when, and why it is closed today', async () => {
  const collector = await startCollector();
  await collector.addGateway('lobby', { site: 'shop' });
  const cookie = await collector.logIn();
  const shop = async () =>
    sitesSchema.parse(await (await collector.get('/api/v1/sites', cookie)).json()).sites[0];
  expect(await shop()).toMatchObject({ openingHours: null, open: null, changesAt: null });
  const hours = Object.fromEntries(WEEKDAYS.map((day) => [day, `${clock(-1)}-${clock(1)}`]));
  const answer = await change(collector, cookie, 'shop', { openingHours: hours });
  const open = siteSchema.parse(await answer.json());
  expect(open).toMatchObject({ open: true, closure: null, openingHours: hours });
  expect(Math.abs((open.changesAt ?? 0) - Date.now() - HOUR)).toBeLessThan(2 * 60_000);
  const day = (days: number) => new Date(Date.now() + days * 24 * HOUR).toISOString().slice(0, 10);
  // Around today, because the hours may reach over midnight.
  const closures = [{ name: 'Tết', from: day(-1), to: day(1) }];
  expect((await change(collector, cookie, 'shop', { closures })).status).toBe(200);
  const closed = await shop();
  expect(closed).toMatchObject({ open: false, closure: 'Tết', openingHours: hours });
  expect((closed?.changesAt ?? 0) - Date.now()).toBeGreaterThan(20 * HOUR);
});

test.each([
  [{ openingHours: { mon: '8-22' } }, 'openingHours.mon: must be from and to such as 08:00-22:00'],
  [{ openingHours: { someday: '08:00-22:00' } }, 'openingHours'],
  [{ closures: [{ name: 'x', from: '2026-12-26', to: '2026-12-25' }] }, 'closures.0.to: must not lie before'],
  [{ closures: [{ name: 'x', from: '2026-02-30' }] }, 'closures.0.from: must be a date'],
  [{}, 'nothing to change'],
])('what makes no sense is refused with its place: %j', async (body, problem) => {
  const collector = await startCollector();
  await collector.addGateway('lobby', { site: 'shop' });
  const cookie = await collector.logIn();
  const answer = await change(collector, cookie, 'shop', body);
  expect(answer.status).toBe(400);
  const { detail, errors = [] } = (await answer.json()) as {
    detail: string;
    errors?: { path: string; message: string }[];
  };
  const text = [detail, ...errors.map(({ path, message }) => `${path}: ${message}`)].join('\n');
  expect(text).toContain(problem);
  expect((await change(collector, cookie, 'moon', { closingTime: '22:00' })).status).toBe(404);
});

test('every row of counts says for which share of it the site was open, and the week before it', async () => {
  const collector = await startCollector();
  const password = await collector.addGateway('lobby', { site: 'shop' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  const start = Date.parse('2026-03-02T08:00Z');
  await gateway.deliver(1, [countRecord(start, { in: 1 })]);
  const cookie = await collector.logIn();
  const closures = [{ name: 'strike', from: '2026-02-23' }];
  // 2026-03-02 and 2026-02-23 are Mondays.
  await change(collector, cookie, 'shop', { openingHours: { mon: '08:30-22:00' }, closures });
  const from = Date.parse('2026-03-02T07:00Z');
  const path = `/api/v1/counts?from=${from}&to=${from + 3 * HOUR}&bucket=hour&compare=week`;
  const { buckets } = countsSchema.parse(await (await collector.get(path, cookie)).json());
  expect(buckets.map(({ open, before }) => [open, before?.open])).toEqual([
    [0, 0],
    [0.5, 0],
    [1, 0],
  ]);
  const csv = await (await collector.get(`${path}&format=csv`, cookie)).text();
  const [header = '', , row = ''] = csv.split('\r\n');
  const column = header.split(',').indexOf('open_share');
  expect(row.split(',')[column]).toBe('0.5');
});
