import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AlertRef } from '../src/alerts/rows.js';
import { attachAlert, alertResolved } from '../src/incidents/from-alerts.js';
import type { Problem } from '../src/schema/api.js';
import { incidentDetailSchema, incidentListSchema, incidentReportSchema } from '../src/schema/incidents.js';
import { lessonsSchema, reviewSchema } from '../src/schema/reviews.js';
import { auditLogSchema } from '../src/schema/security.js';
import { addUser } from '../src/security/users.js';
import { inTransaction } from '../src/store/store.js';
import { startCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { TestPostgres } from './_util/postgres.js';
import { until } from './_util/until.js';

const MINUTE = 60_000;
const PASSWORD = 'a horse that counts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

async function setUp(databaseUrl?: string) {
  const collector = await startCollector(databaseUrl === undefined ? {} : { databaseUrl });
  const cookie = await collector.logIn();
  const user = { username: 'minh', password: PASSWORD, role: 'operator', mustChange: false } as const;
  await collector.withStore((store) => addUser(store, user, Date.now()));
  const minh = await collector.logIn('minh', PASSWORD);
  const path = (rest: string) => `/api/v1/incidents${rest}`;
  const send = async (rest: string, body?: unknown, { method = 'POST', as = cookie } = {}) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(collector.httpUrl + path(rest), {
      ...{ method, headers: { cookie: as, ...json } },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    return { status: response.status, answer, detail: (answer as Problem).detail };
  };
  return {
    ...{ collector, cookie, minh, send },
    read: async (rest: string): Promise<unknown> => (await collector.get(path(rest), cookie)).json(),
    text: async (rest: string) => (await collector.get(path(rest), cookie)).text(),
    one: async (id: string) =>
      incidentDetailSchema.parse(await (await collector.get(path(`/${id}`), cookie)).json()),
  };
}

test('an incident by hand: opened, acknowledged, noted, resolved, reviewed by two people, closed', async () => {
  const { collector, cookie, minh, send, read, text, one } = await setUp(await postgres.database());
  await collector.addGateway('lobby', { site: 'shop', timeZone: 'Asia/Ho_Chi_Minh' });
  const form = {
    title: 'Door *stuck*',
    severity: 'critical',
    asset: 'shop/lobby',
    note: 'seen from the street',
  };
  expect((await send('', { ...form, asset: 'shop/nowhere' })).detail).toMatch(/not in the fleet/);
  const opened = await send('', form);
  expect([opened.status, incidentDetailSchema.parse(opened.answer)]).toMatchObject([
    201,
    {
      ...{
        id: 'INC-1',
        status: 'triggered',
        timeZone: 'Asia/Ho_Chi_Minh',
        possible: ['acknowledge', 'merge'],
      },
      target: { kind: 'ack_due', dueAt: expect.any(Number) as number },
      asset: { kind: 'gateway', path: 'shop/lobby', name: 'lobby' },
      impact: { cameras: 0, camerasDark: 0, missingCounts: 0, unobservedMinutes: 0 },
    },
  ]);
  expect((await send('/INC-1/resolve', { reason: 'no' })).detail).toMatch(/possible: acknowledge, merge/);
  expect((await send('/INC-1/acknowledge', undefined, { as: minh })).status).toBe(200);
  expect((await send('/INC-1/acknowledge')).detail).toMatch(/already, by minh/);
  expect((await send('/INC-1/note', { text: '' })).status).toBe(400);
  expect((await send('/INC-1/note', { text: 'on my way' })).status).toBe(200);
  expect((await send('/INC-1/mitigate', { text: 'propped open' })).status).toBe(200);
  const resolved = await send('/INC-1/resolve', { reason: 'hinge oiled' });
  expect(incidentDetailSchema.parse(resolved.answer)).toMatchObject({
    ...{
      status: 'resolved',
      resolveReason: 'hinge oiled',
      review: 'draft',
      target: null,
      timelineWhole: true,
    },
  });
  const { timeline } = await one('INC-1');
  expect(timeline.map(({ kind, actor, channel }) => `${kind} ${actor} ${channel}`)).toEqual([
    ...['opened admin console', 'acknowledge minh console', 'note admin console', 'mitigate admin console'],
    'resolve admin console',
  ]);

  const draft = reviewSchema.parse(await read('/INC-1/review'));
  expect(draft).toMatchObject({
    ...{
      status: 'draft',
      required: true,
      facts: { acknowledgeTargetMs: 15 * MINUTE, people: ['admin', 'minh'] },
    },
    summary: expect.stringMatching(
      /^INC-1, critical: .*Acknowledged after .* \(target 15 min\).*hinge oiled/,
    ) as string,
  });
  expect(reviewSchema.parse(await read('/INC-1/review?lang=vi')).summary).toMatch(/mục tiêu 15 phút/);
  expect((await send('/INC-1/review/submit')).detail).toMatch(/rootCause/);
  const sections = { rootCause: 'Bản lề gỉ: 100 % rust', wentWell: 'quick' };
  expect((await send('/INC-1/review', sections, { method: 'PUT' })).status).toBe(200);
  const item = { text: 'Oil every hinge', owner: 'minh', dueAt: Date.now() + 86_400_000 };
  const [action] = reviewSchema.parse((await send('/INC-1/review/actions', item)).answer).actions;
  const step = (name: string, as: string) =>
    send(`/INC-1/review/actions/${action?.id ?? ''}/${name}`, undefined, { as });
  expect((await step('verify', cookie)).detail).toMatch(/not done yet/);
  expect((await step('done', cookie)).status).toBe(200);
  expect([(await step('verify', minh)).detail, (await step('verify', cookie)).detail]).toEqual(
    Array(2).fill('neither its owner nor who did it can verify it; ask somebody else'),
  );
  expect((await send('/INC-1/review/submit')).status).toBe(200);
  expect((await send('/INC-1/review/approve')).detail).toMatch(/somebody else/);
  expect((await send('/INC-1/review/approve', undefined, { as: minh })).status).toBe(200);
  expect((await send('/INC-1/review/waive', { reason: 'x' }, { as: minh })).status).toBe(403);
  expect((await send('/INC-1/review/close')).status).toBe(200);
  expect((await one('INC-1')).status).toBe('closed');
  expect((await send('/INC-1/note', { text: 'months later' })).status).toBe(200);

  const document = await text('/INC-1/review.md?lang=vi');
  expect(document).toContain('# Đánh giá sau sự cố INC-1: Door \\*stuck\\*');
  expect(document).toContain('- [ ] Oil every hinge (phụ trách minh');
  expect(document).toMatch(/\+07:00 · 0 giây · admin \(console\) · opened: seen from the street/);
  const found = async (q: string) =>
    lessonsSchema
      .parse(await read(`/lessons?q=${encodeURIComponent(q)}`))
      .lessons.map(({ incident }) => incident);
  expect([await found('BẢN LỀ'), await found('Bản lề'), await found('100 %'), await found('1_0')]).toEqual([
    ...[['INC-1'], ['INC-1'], ['INC-1'], []],
  ]);
  const log = auditLogSchema.parse(
    await (await collector.get('/api/v1/audit-log?action=incident.', cookie)).json(),
  );
  expect(log.entries.map(({ action: name }) => name)).toContain('incident.resolve');
  const report = incidentReportSchema.parse(await read('/report?days=1'));
  expect(report.severities[0]).toMatchObject({
    severity: 'critical',
    incidents: 1,
    inTime: 1,
    late: 0,
    inTimeShare: 1,
  });
});

const alert = (id: string, change: Partial<AlertRef> = {}): AlertRef => ({
  ...{ id, ruleSlug: 'camera-offline', severity: 'medium', groupKey: id, firedAt: Date.now() },
  asset: { kind: 'site', path: 'shop', name: 'shop' },
  title: { en: 'Site shop is away', vi: 'Điểm shop mất kết nối' },
  ...{ suppressedBy: [], runbook: '' },
  ...change,
});

test('impact in numbers, as of now and frozen; lists by state in pages; due timers fire by themselves', async () => {
  const { collector, cookie, read, one, send } = await setUp();
  const password = await collector.addGateway('lobby', { site: 'shop' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  collector.logs.expectError(/counts missing/);
  const since = Math.floor(Date.now() / MINUTE) * MINUTE - 30 * MINUTE;
  const total = (count: number) => ({ totals: { in: count, out: 0 } });
  await gateway.deliver(1, [
    countRecord(since - MINUTE, { in: 1, ...total(1) }),
    countRecord(since, { in: 1, ...total(2) }),
    // Four crossings got lost in between.
    countRecord(since + 10 * MINUTE, { in: 1, ...total(7) }),
  ]);
  const attach = (one: AlertRef, at = Date.now()) =>
    collector.withStore((store) => inTransaction(store, (trx) => attachAlert(trx, one, at, () => [])));
  await attach(alert('a', { firedAt: since }));
  const { impact } = await one('INC-1');
  expect(impact).toMatchObject({ cameras: 1, missingCounts: 4 });
  // 29 or 30 minutes have passed before the one that is on its way; two of them were observed.
  expect([27, 28]).toContain(impact?.unobservedMinutes);
  for (const id of ['b', 'c', 'd']) await attach(alert(id, { severity: 'high' }));
  await send('/INC-2/acknowledge');
  await send('/INC-2/resolve', { reason: 'over' });
  const first = incidentListSchema.parse(await read('?limit=3'));
  const rest = incidentListSchema.parse(await read(`?limit=3&cursor=${first.next ?? ''}`));
  expect([first, rest].map(({ incidents }) => incidents.map(({ id }) => id))).toEqual([
    ['INC-4', 'INC-3', 'INC-1'],
    ['INC-2'],
  ]);
  expect(rest.next).toBeNull();
  const ids = async (query: string) =>
    incidentListSchema.parse(await read(query)).incidents.map(({ id }) => id);
  expect(await ids('?status=open&severity=high')).toEqual(['INC-4', 'INC-3']);
  expect(await ids('?status=resolved')).toEqual(['INC-2']);
  expect(await ids('?site=elsewhere')).toEqual([]);
  expect((await collector.get('/api/v1/incidents?cursor=x', cookie)).status).toBe(400);

  await collector.withStore((store) =>
    inTransaction(store, (trx) => alertResolved(trx, 'a', Date.now() - 16 * MINUTE)),
  );
  // The collector's own tick.
  const over = await until(async () => {
    const incident = await one('INC-1');
    return incident.status === 'resolved' ? incident : undefined;
  }, 'the resolution');
  expect(over).toMatchObject({ impact: { missingCounts: 4 }, review: null, holder: null });
  const metrics = await (await collector.get('/metrics', cookie)).text();
  expect(metrics).toContain('headcount_open_incidents{severity="high"} 2');
  expect(metrics).toContain('headcount_open_incidents{severity="critical"} 0');

  // Somebody changes the timeline in the file: the trigger is no proof against who may drop it.
  await collector.withStore(async (store) => {
    const { sql } = await import('kysely');
    await sql`DROP TRIGGER incident_event_no_update`.execute(store);
    await sql`UPDATE incident_event SET actor = 'nobody' WHERE incident = 'INC-1' AND seq = 2`.execute(store);
  });
  expect((await one('INC-1')).timelineWhole).toBe(false);
});
