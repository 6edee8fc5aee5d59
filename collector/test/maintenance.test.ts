import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CountRecord } from '@headcount/shared';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { camerasAvailability } from '../src/availability/cameras.js';
import { addGateway } from '../src/fleet/fleet.js';
import { storeBatch } from '../src/ingest/batch.js';
import { addWindow, endWindow } from '../src/maintenance/windows.js';
import { availabilitySchema } from '../src/schema/availability.js';
import { newWindowSchema, windowsSchema } from '../src/schema/maintenance.js';
import { auditLogSchema } from '../src/schema/security.js';
import { openStore, type Store } from '../src/store/store.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The night in which Berlin's clocks go back at 01:00 UTC: 02:00 to 03:00 comes twice. */
const NIGHT = Date.parse('2026-10-24T20:00Z');
const MINUTES = 9 * 60;

/** What a camera did in a minute of the night; a minute without a record is unknown. */
const KINDS = ['good', 'good', 'bad', 'unknown', 'disabled'] as const;
const kindOf = (minute: number) => KINDS[(minute * 7 + Math.floor(minute / 40)) % KINDS.length];

async function nightStore(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-maintenance-'));
  const store = await openStore(join(folder, 'x.sqlite'));
  onTestFinished(async () => {
    await store.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
  const gateway = { name: 'lobby', site: 'shop', timeZone: 'Europe/Berlin' };
  await addGateway(store, gateway, { defaultTimeZone: 'UTC', now: 0 });
  await store
    .insertInto('camera')
    .values({ gateway: 'lobby', id: 'door', name: 'Door', present: 1 })
    .execute();
  const line = { gateway: 'lobby', camera: 'door', id: 'entrance', name: 'Entrance', present: 1 };
  await store
    .insertInto('line')
    .values({ ...line, first_at: NIGHT })
    .execute();
  const records: CountRecord[] = [];
  for (let minute = 0; minute < MINUTES; minute++) {
    const kind = kindOf(minute);
    if (kind === 'unknown') continue;
    const reason = kind === 'bad' ? ('backoff' as const) : ('disabled' as const);
    const gone = kind === 'good' ? {} : { observedMs: 0, gaps: [{ reason, ms: MINUTE }] };
    records.push(countRecord(NIGHT + minute * MINUTE, gone));
  }
  for (let first = 0; first < records.length; first += 100) {
    const batch = records.slice(first, first + 100);
    const message = { v: 1, epoch: 'e', firstSeq: first + 1, sentAt: 0, historical: true } as const;
    await storeBatch(store, { gateway: 'lobby', topic: 't', message: { ...message, records: batch } }, NIGHT);
  }
  return store;
}

const window = fc.record({
  scope: fc.constantFrom('site', 'gateway', 'camera'),
  from: fc.integer({ min: 0, max: MINUTES - 1 }),
  minutes: fc.integer({ min: 1, max: 200 }),
  /** Share of it after which it is ended early. */
  early: fc.option(fc.double({ min: 0, max: 0.99, noNaN: true })),
});

test('time within windows counts as maintenance once, however they overlap, also in the night of 25 hours', async () => {
  const store = await nightStore();
  const now = NIGHT + MINUTES * MINUTE + 30_000;
  await fc.assert(
    fc.asyncProperty(fc.array(window, { maxLength: 4 }), async (windows) => {
      await store.deleteFrom('maintenance_window').execute();
      const covered = new Set<number>();
      for (const { scope, from, minutes, early } of windows) {
        const start = NIGHT + from * MINUTE;
        const times = { start, end: start + minutes * MINUTE, reason: 'new lens' };
        const wanted = newWindowSchema.parse({
          ...{ scope, gateway: 'lobby', ...times },
          ...(scope === 'site' && { site: 'shop' }),
          ...(scope === 'camera' && { camera: 'door' }),
        });
        const id = await addWindow(store, wanted, 'lan', start);
        const long = early === null ? minutes : Math.floor(minutes * early);
        if (early !== null) await endWindow(store, id, start + long * MINUTE);
        for (let minute = from; minute < Math.min(MINUTES, from + long); minute++) covered.add(minute);
      }
      const expected = { good: 0, bad: 0, unknown: 0, disabled: 0 };
      for (let minute = 0; minute < MINUTES; minute++)
        expected[covered.has(minute) ? 'disabled' : (kindOf(minute) ?? 'unknown')] += MINUTE;
      const [camera] = await camerasAvailability(store, { from: now - 24 * HOUR, now });
      const { goodMs: good, badMs: bad, unknownMs: unknown, maintenanceMs: disabled } = camera ?? {};
      expect({ good, bad, unknown, disabled }).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

async function withCamera() {
  const collector = await startCollector({ timeZone: 'Asia/Ho_Chi_Minh' });
  const password = await collector.addGateway('lobby', { site: 'shop' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  const cookie = await collector.logIn();
  const post = (body: object) => collector.post('/api/v1/maintenance', body, { cookie });
  return { collector, gateway, cookie, post };
}

async function list(collector: TestCollector, cookie: string, query = '') {
  return windowsSchema.parse(await (await collector.get(`/api/v1/maintenance${query}`, cookie)).json());
}

const minuteNow = () => Math.floor(Date.now() / MINUTE) * MINUTE;

test('a window takes its time out of up and down of the camera, its gateway and its site, and says who planned it', async () => {
  const { collector, gateway, cookie, post } = await withCamera();
  const start = minuteNow() - 10 * MINUTE;
  const down = { observedMs: 0, gaps: [{ reason: 'stalled' as const, ms: MINUTE }] };
  await gateway.deliver(1, [
    countRecord(start),
    countRecord(start + MINUTE, down),
    countRecord(start + 2 * MINUTE, down),
    countRecord(start + 3 * MINUTE),
  ]);
  const times = { start: start + 2 * MINUTE, end: minuteNow() + HOUR, reason: 'the switch is replaced' };
  const made = await post({ scope: 'site', site: 'shop', kind: 'emergency', ...times });
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: string };
  const answer = await collector.get('/api/v1/availability', cookie);
  const { cameras, gateways, sites } = availabilitySchema.parse(await answer.json());
  for (const [one] of [cameras, gateways, sites]) {
    expect(one).toMatchObject({ goodMs: MINUTE, badMs: MINUTE, unknownMs: 0, availability: 0.5 });
    expect(one?.maintenanceMs).toBeGreaterThanOrEqual(8 * MINUTE);
  }
  expect((await list(collector, cookie)).windows).toMatchObject([
    {
      id,
      scope: 'site',
      site: 'shop',
      gateway: null,
      timeZone: 'Asia/Ho_Chi_Minh',
      author: 'admin',
      ...times,
    },
  ]);
  const ended = await collector.post(`/api/v1/maintenance/${id}/end`, {}, { cookie });
  expect(ended.status).toBe(204);
  expect((await list(collector, cookie, '?open=true')).windows).toEqual([]);
  // What has ended stays as it is.
  expect((await collector.post(`/api/v1/maintenance/${id}/end`, {}, { cookie })).status).toBe(409);
  const removal = { method: 'DELETE', headers: { cookie } };
  expect((await fetch(`${collector.httpUrl}/api/v1/maintenance/${id}`, removal)).status).toBe(409);
  const log = await collector.get('/api/v1/audit-log?action=maintenance', cookie);
  const { entries } = auditLogSchema.parse(await log.json());
  expect(entries.map(({ action, object }) => `${action} ${object}`)).toEqual([
    `maintenance.end ${id}`,
    'maintenance.add site shop',
  ]);
});

test('nobody makes past uptime look better, and a wrong window is told what is right', async () => {
  const { collector, cookie, post } = await withCamera();
  const now = minuteNow();
  const right = {
    scope: 'camera',
    gateway: 'lobby',
    camera: 'door',
    start: now,
    end: now + HOUR,
    reason: 'lens',
  };
  for (const [change, status, words] of [
    [{ start: now - 2 * MINUTE }, 400, /start: has passed/],
    [{ start: now - 61 * MINUTE, kind: 'emergency' }, 400, /start: an emergency.*an hour ago/],
    [{ start: now - 30 * MINUTE, end: now - MINUTE, kind: 'emergency' }, 400, /end: has passed/],
    [{ end: now }, 400, /end: must be after the start/],
    [{ end: now + 7 * 24 * HOUR + 1 }, 400, /end: at most 7 days/],
    [{ reason: ' ' }, 400, /reason/],
    [{ camera: 'window' }, 404, /camera: gateway "lobby" has no camera "window"/],
    [{ scope: 'gateway', gateway: 'attic' }, 404, /gateway: there is no gateway "attic"/],
    [{ scope: 'site', site: 'mars' }, 404, /site: there is no site "mars"/],
  ] as const) {
    const response = await post({ ...right, ...change });
    const { detail } = (await response.json()) as { detail: string };
    expect([change, response.status, detail]).toEqual([change, status, expect.stringMatching(words)]);
  }
  expect((await list(collector, cookie)).windows).toEqual([]);
  const starts = [1, 2, 2].map((hours) => now + hours * HOUR);
  for (const start of starts) await post({ ...right, start, end: start + HOUR });
  const first = await list(collector, cookie, '?limit=2');
  expect(first.windows.map(({ start }) => start)).toEqual([starts[2], starts[1]]);
  const second = await list(collector, cookie, `?limit=2&cursor=${first.next ?? ''}`);
  expect([second.windows.map(({ start }) => start), second.next]).toEqual([[starts[0]], null]);
  const id = second.windows[0]?.id ?? '';
  // It has not begun: it can be taken back, and not be ended.
  expect((await collector.post(`/api/v1/maintenance/${id}/end`, {}, { cookie })).status).toBe(409);
  const removal = { method: 'DELETE', headers: { cookie } };
  expect((await fetch(`${collector.httpUrl}/api/v1/maintenance/${id}`, removal)).status).toBe(204);
  expect((await list(collector, cookie, '?open=true')).windows).toHaveLength(2);
});
