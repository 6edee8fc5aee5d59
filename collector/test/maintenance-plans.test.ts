import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { windowsIn } from '../src/maintenance/effect.js';
import { addSeries, buildAllSeries, changeSeries, endSeries, listSeries } from '../src/maintenance/series.js';
import {
  addWindow,
  approveWindow,
  endWindow,
  listWindows,
  removeWindow,
} from '../src/maintenance/windows.js';
import { announceMaintenance } from '../src/notify/outbox.js';
import { messageOf } from '../src/notify/template.js';
import { newSeriesSchema, newWindowSchema, seriesSchema, windowsSchema } from '../src/schema/maintenance.js';
import { auditLogSchema } from '../src/schema/security.js';
import { addUser } from '../src/security/users.js';
import { inTransaction } from '../src/store/store.js';
import { AlertWorld } from './_util/alert-world.js';
import { startCollector } from './_util/collector.js';
import { TestPostgres } from './_util/postgres.js';
import { TestSmtp } from './_util/smtp.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A week before Berlin puts its clocks forward. */
const NOW = Date.parse('2026-03-20T10:00Z');

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

const seriesOf = (changes: object = {}) =>
  newSeriesSchema.parse({
    ...{ scope: 'site', site: 'shop', rule: 'FREQ=WEEKLY;BYDAY=SU', timeZone: 'Europe/Berlin' },
    ...{ start: '2026-03-01T02:30', durationMs: 2 * HOUR, reason: 'the night of updates', ...changes },
  });

describe.each(['SQLite', 'PostgreSQL'] as const)('on %s', (kind) => {
  const make = async () =>
    (await AlertWorld.make(kind === 'PostgreSQL' ? await postgres.database() : undefined)).store;
  const iso = (at: number) => new Date(at).toISOString().slice(0, 16);

  test('a series stands as windows of 90 days that keep to the wall clock, and grows by itself without doubles', async () => {
    const store = await make();
    const id = await inTransaction(store, (trx) => addSeries(trx, seriesOf(), 'lan', NOW));
    const windows = async () =>
      store
        .selectFrom('maintenance_window')
        .selectAll()
        .where('series', '=', id)
        .orderBy('start_at')
        .execute();
    const made = await windows();
    expect(made).toHaveLength(13);
    // 02:30 is jumped over on the 29th; it lasts two hours all the same.
    expect(made.slice(0, 3).map(({ start_at, end_at }) => [iso(start_at), iso(end_at)])).toEqual([
      ['2026-03-22T01:30', '2026-03-22T03:30'],
      ['2026-03-29T01:00', '2026-03-29T03:00'],
      ['2026-04-05T00:30', '2026-04-05T02:30'],
    ]);
    // What availability asks for knows nothing of series.
    const night = { start: Date.parse('2026-03-29T00:00Z'), end: Date.parse('2026-03-29T12:00Z') };
    expect(await windowsIn(store, night)).toMatchObject([
      { scope: 'site', site: 'shop', start: made[1]?.start_at },
    ]);
    await inTransaction(store, (trx) => removeWindow(trx, made[1]?.id ?? '', NOW));
    await buildAllSeries(store, NOW);
    await buildAllSeries(store, NOW + 14 * DAY);
    const grown = await windows();
    expect(grown).toHaveLength(14);
    expect(new Set(grown.map(({ start_at }) => start_at)).size).toBe(14);
    expect(await windowsIn(store, night)).toEqual([]);
    // A collector that was away for a year plans nothing about the past.
    await buildAllSeries(store, NOW + 365 * DAY);
    const newest = (await windows()).slice(14).map(({ start_at }) => start_at);
    expect(Math.min(...newest)).toBeGreaterThan(NOW + 365 * DAY);
  });

  test('a series that is changed or ended leaves what has begun, and announced windows say that they were taken back', async () => {
    const store = await make();
    const id = await inTransaction(store, (trx) => addSeries(trx, seriesOf(), 'lan', NOW));
    const later = Date.parse('2026-03-22T02:00Z');
    await store
      .updateTable('maintenance_window')
      .set({ announced_at: NOW })
      .where('start_at', '<', NOW + 10 * DAY)
      .execute();
    const wanted = seriesOf({ start: '2026-03-01T01:00', durationMs: HOUR, effect: 'page' });
    await inTransaction(store, (trx) => changeSeries(trx, id, { wanted, author: 'binh' }, later));
    expect(await listSeries(store, later)).toMatchObject([
      { id, author: 'binh', durationMs: HOUR, effect: 'page', next: Date.parse('2026-03-29T00:00Z') },
    ]);
    const list = () => listWindows(store, { limit: 100 }, later);
    const [first, ...others] = (await list()).reverse();
    expect([first?.end, first?.series]).toEqual([Date.parse('2026-03-22T03:30Z'), id]);
    expect(others.slice(0, 2)).toMatchObject([
      { start: Date.parse('2026-03-29T00:00Z'), cancelledAt: null, effect: 'page', author: 'binh' },
      { start: Date.parse('2026-03-29T01:00Z'), cancelledAt: later, series: null },
    ]);
    await inTransaction(store, (trx) => endSeries(trx, id, later));
    await expect(inTransaction(store, (trx) => endSeries(trx, id, later))).rejects.toThrow(/no such series/);
    expect(await listSeries(store, later)).toEqual([]);
    expect(await list()).toHaveLength(2);
    await buildAllSeries(store, later + 30 * DAY);
    expect(await list()).toHaveLength(2);
    const never = seriesOf({ rule: 'FREQ=WEEKLY;UNTIL=20260310' });
    await expect(inTransaction(store, (trx) => addSeries(trx, never, 'lan', later))).rejects.toThrow(
      /never comes/,
    );
  });

  test('what was approved late counts from then on, what was not counts never, and an emergency for a day', async () => {
    const store = await make();
    const plan = (changes: object) => {
      const times = { start: NOW, end: NOW + 3 * DAY, reason: 'new racks' };
      const wanted = newWindowSchema.parse({ scope: 'site', site: 'shop', ...times, ...changes });
      return inTransaction(store, (trx) => addWindow(trx, wanted, 'lan', NOW));
    };
    const counted = async () =>
      (await windowsIn(store, { start: NOW - DAY, end: NOW + 9 * DAY })).map(({ start, end }) => [
        (start - NOW) / HOUR,
        (end - NOW) / HOUR,
      ]);
    const id = await plan({});
    expect(await counted()).toEqual([]);
    await inTransaction(store, (trx) => approveWindow(trx, id, 'binh', NOW + 5 * HOUR));
    expect(await counted()).toEqual([[5, 72]]);
    await inTransaction(store, (trx) => endWindow(trx, id, NOW + 6 * HOUR));
    expect(await counted()).toEqual([[5, 6]]);
    const emergency = await plan({ kind: 'emergency' });
    expect((await counted()).at(-1)).toEqual([0, 24]);
    await inTransaction(store, (trx) => approveWindow(trx, emergency, 'binh', NOW + 5 * HOUR));
    expect((await counted()).at(-1)).toEqual([0, 72]);
    const day = await plan({ end: NOW + DAY });
    const [listed] = (await listWindows(store, { limit: 100 }, NOW)).filter((window) => window.id === day);
    expect(listed?.approval).toBe('none');
  });

  test('channels are told once before, at the begin and at the end, each in its language, and of what is taken back', async () => {
    const store = await make();
    const receivers = [
      { kind: 'slack', address: 'C1', language: 'en' },
      { kind: 'email', address: 'ops@example.com', language: 'vi' },
    ] as const;
    const announce = async (at: number) => {
      const before = await store.selectFrom('notification').select('id').execute();
      // Twice, as two ticks do.
      await announceMaintenance(store, [...receivers], at);
      await announceMaintenance(store, [...receivers], at);
      const rows = await store.selectFrom('notification').selectAll().orderBy('language').execute();
      const fresh = rows.filter((row) => !before.some(({ id }) => id === row.id));
      const context = { publicUrl: undefined, token: undefined, firstRef: undefined };
      return fresh
        .map((row) => messageOf(row, context))
        .map(({ subject, lines }) => [subject, ...lines].join(' | '));
    };
    const plan = (changes: object) => {
      const times = { start: NOW + 2 * DAY, end: NOW + 2 * DAY + HOUR, reason: 'new lens' };
      const place = { scope: 'camera', gateway: 'lobby', camera: 'door' };
      const wanted = newWindowSchema.parse({ ...place, ...times, ...changes });
      return inTransaction(store, (trx) => addWindow(trx, wanted, 'lan', NOW));
    };
    await plan({});
    expect(await announce(NOW + DAY - 1)).toEqual([]);
    expect(await announce(NOW + DAY)).toEqual([
      'Maintenance planned: camera shop/lobby/door, 2026-03-22 10:00 +00:00 (UTC) to 2026-03-22 11:00 +00:00 (UTC) | new lens (lan). Alerts there open no incidents meanwhile.',
      'Sắp bảo trì: camera shop/lobby/door, từ 2026-03-22 10:00 +00:00 (UTC) đến 2026-03-22 11:00 +00:00 (UTC) | new lens (lan). Trong thời gian đó cảnh báo không tạo sự cố.',
    ]);
    expect(await announce(NOW + 2 * DAY)).toEqual([
      expect.stringMatching(/^Maintenance begins: camera shop\/lobby\/door, until 2026-03-22 11:00/),
      expect.stringMatching(/^Bắt đầu bảo trì: camera shop\/lobby\/door, đến/),
    ]);
    expect(await announce(NOW + 2 * DAY + HOUR)).toEqual([
      expect.stringMatching(/^Maintenance has ended: .* What still fires there pages again\.$/),
      expect.stringMatching(/^Đã kết thúc bảo trì/),
    ]);
    // One that is near is announced at once, and that it was taken back, too; one that nobody heard of is just gone.
    const at = NOW + 3 * DAY;
    const near = await plan({ start: at + HOUR, end: at + 2 * HOUR, effect: 'page' });
    const far = await plan({ start: at + 5 * DAY, end: at + 6 * DAY });
    expect(await announce(at)).toEqual([
      expect.stringMatching(/^Maintenance planned: .* Nobody is paged of alerts there meanwhile\.$/),
      expect.stringMatching(/không ai bị gọi\.$/),
    ]);
    for (const id of [near, far]) await inTransaction(store, (trx) => removeWindow(trx, id, at));
    expect(await announce(at + MINUTE)).toEqual([
      expect.stringMatching(/^Maintenance was taken back: camera shop\/lobby\/door/),
      expect.stringMatching(/^Đã hủy bảo trì/),
    ]);
    expect(await announce(at + HOUR)).toEqual([]);
    // Not before somebody else has approved it.
    const long = await plan({ start: at + 2 * HOUR, end: at + 48 * HOUR });
    expect(await announce(at + HOUR)).toEqual([]);
    await inTransaction(store, (trx) => approveWindow(trx, long, 'binh', at + HOUR));
    expect(await announce(at + HOUR)).toHaveLength(2);
    // Without receivers nothing is remembered as told.
    await announceMaintenance(store, [], at + 3 * HOUR);
    expect(await announce(at + 3 * HOUR)).toHaveLength(2);
  });
});

test('series and approvals by the API, with their traces in the audit log, and the begin of a window by mail', async () => {
  const smtp = await TestSmtp.start();
  const collector = await startCollector({
    notify: {
      email: { from: 'Headcount <headcount@example.com>' },
      announce: [{ kind: 'email', address: 'ops@example.com', language: 'vi' }],
    },
    notifySecrets: { smtpUrl: smtp.url },
  });
  await collector.addGateway('lobby', { site: 'shop' });
  const person = {
    username: 'lan',
    password: 'a horse that counts',
    role: 'operator',
    mustChange: false,
  } as const;
  await collector.withStore((store) => inTransaction(store, (trx) => addUser(trx, person, Date.now())));
  const [admin, lan] = [await collector.logIn(), await collector.logIn('lan', person.password)];
  const ask = (method: string, path: string, body?: object) =>
    fetch(`${collector.httpUrl}/api/v1/${path}`, {
      method,
      headers: { cookie: lan, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const long = { scope: 'site', site: 'shop', start: now, end: now + 2 * DAY, reason: 'new racks' };
  const { id } = (await (await ask('POST', 'maintenance', long)).json()) as { id: string };
  const windows = async () =>
    windowsSchema.parse(await (await ask('GET', 'maintenance?open=true')).json()).windows;
  expect(await windows()).toMatchObject([{ id, approval: 'waiting', approver: null }]);
  expect((await ask('POST', `maintenance/${id}/approve`)).status).toBe(403);
  const approved = await collector.post(`/api/v1/maintenance/${id}/approve`, {}, { cookie: admin });
  expect(approved.status).toBe(204);
  expect(await windows()).toMatchObject([{ id, approval: 'approved', approver: 'admin' }]);
  expect((await smtp.inbox.next()).subject).toMatch(/^Bắt đầu bảo trì: địa điểm shop, đến /);

  const series = seriesOf({ start: '2026-03-02T01:00' });
  expect((await ask('POST', 'maintenance-series', { ...series, durationMs: 25 * HOUR })).status).toBe(400);
  const made = await ask('POST', 'maintenance-series', series);
  expect(made.status).toBe(201);
  const { id: weekly } = (await made.json()) as { id: string };
  const listed = seriesSchema.parse(await (await ask('GET', 'maintenance-series')).json()).series;
  expect(listed).toMatchObject([{ id: weekly, rule: 'FREQ=WEEKLY;BYDAY=SU', author: 'lan' }]);
  expect(await windows()).toHaveLength(14);
  const twice = { ...series, rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=SU' };
  expect((await ask('PUT', `maintenance-series/${weekly}`, twice)).status).toBe(204);
  expect((await windows()).length).toBeLessThanOrEqual(8);
  expect((await ask('DELETE', `maintenance-series/${weekly}`)).status).toBe(204);
  expect((await ask('DELETE', `maintenance-series/${weekly}`)).status).toBe(404);
  expect(await windows()).toHaveLength(1);
  const log = await collector.get('/api/v1/audit-log?action=maintenance', admin);
  const { entries } = auditLogSchema.parse(await log.json());
  expect(entries.map(({ actor, action, object }) => `${actor} ${action} ${object}`).reverse()).toEqual([
    'lan maintenance.add site shop',
    `admin maintenance.approve ${id}`,
    'lan maintenance-series.add site shop',
    `lan maintenance-series.change ${weekly}`,
    `lan maintenance-series.end ${weekly}`,
  ]);
});
