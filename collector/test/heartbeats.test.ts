import { openSync, writeSync, closeSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { heartbeatsSchema } from '../src/schema/heartbeats.js';
import { madeTokenSchema } from '../src/schema/security.js';
import { findingsSchema } from '../src/schema/vulnerabilities.js';
import { runSelfChecks } from '../src/self-checks.js';
import { openStore } from '../src/store/store.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { LogBook } from './_util/logs.js';

const DAY = 24 * 3_600_000;

async function send(
  collector: TestCollector,
  [method, path]: [string, string],
  headers: Record<string, string>,
  body?: unknown,
): Promise<Response> {
  return fetch(collector.httpUrl + path, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function tokenWith(collector: TestCollector, scope: string): Promise<Record<string, string>> {
  const cookie = await collector.logIn();
  const made = await collector.post('/api/v1/tokens', { name: scope, scopes: [scope] }, { cookie });
  return { authorization: `Bearer ${madeTokenSchema.parse(await made.json()).token}` };
}

test('a backup job reports over the API, and everybody sees what is due, done and failing', async () => {
  const collector = await startCollector();
  const admin = { cookie: await collector.logIn() };
  const job = await tokenWith(collector, 'heartbeats:write');
  const path = '/api/v1/heartbeats/nightly';
  const nightly = {
    ...{ title: 'Nightly backup', kind: 'backup', graceSeconds: 7200 },
    schedule: { cron: '30 2 * * *', timeZone: 'Asia/Ho_Chi_Minh' },
  };
  const report = (outcome: string, note = '') =>
    send(collector, ['POST', `${path}/reports`], job, { outcome, note });
  expect(await (await report('success')).text()).toContain('define it with PUT /api/v1/heartbeats/nightly');
  expect((await send(collector, ['PUT', path], job, nightly)).status).toBe(403);
  const wrong = { ...nightly, schedule: { cron: '30 2 30 2 *', timeZone: 'Asia/Ho_Chi_Minh' } };
  expect((await send(collector, ['PUT', path], admin, wrong)).status).toBe(400);
  expect((await send(collector, ['PUT', path], admin, nightly)).status).toBe(204);
  const seen = async () => {
    const answer = await collector.get('/api/v1/heartbeats', admin.cookie);
    return heartbeatsSchema.parse(await answer.json()).heartbeats;
  };
  expect(await seen()).toMatchObject([
    { slug: 'nightly', state: 'new', missed: 0, schedule: nightly.schedule, lastOkAt: null },
  ]);
  expect((await report('start')).status).toBe(204);
  await report('failure', 'the disk is full');
  const [failing] = await seen();
  expect(failing).toMatchObject({ state: 'down', note: 'the disk is full' });
  await report('failure', 'the disk is still full');
  expect((await seen())[0]?.failingSince).toBe(failing?.failingSince);
  await report('success', '12 GB, sha256 12ab');
  expect((await seen())[0]).toMatchObject({ state: 'up', failingSince: null, note: '12 GB, sha256 12ab' });
  expect((await seen())[0]?.dueAt).toBeGreaterThan(Date.now());
  const log = await (await collector.get('/api/v1/audit-log?action=heartbeat.failure', admin.cookie)).text();
  expect(log).toContain('token heartbeats:write');
  expect((await send(collector, ['DELETE', path], admin)).status).toBe(204);
  expect(await seen()).toEqual([]);
});

test('a scanner posts what it finds; what it does not name any more is fixed, what somebody accepts waits until then', async () => {
  const collector = await startCollector();
  const admin = { cookie: await collector.logIn() };
  const scanner = await tokenWith(collector, 'vulnerabilities:write');
  const openssl = { component: 'openssl', version: '3.0.1', vulnerability: 'CVE-2026-1', severity: 'high' };
  const node = { component: 'node', version: '20.1.0', vulnerability: 'CVE-2026-2', severity: 'low' };
  const kev = { ...node, vulnerability: 'CVE-2026-3', kev: true, exposed: true };
  const scan = async (...findings: object[]) => {
    const answer = await send(collector, ['PUT', '/api/v1/vulnerabilities/trivy'], scanner, { findings });
    return (await answer.json()) as unknown;
  };
  const seen = async () => {
    const answer = await collector.get('/api/v1/vulnerabilities', admin.cookie);
    return findingsSchema.parse(await answer.json()).findings;
  };
  expect(await scan(openssl, node, kev)).toEqual({ found: 3, opened: 3, fixed: 0 });
  const found = await seen();
  expect(
    found.map(({ vulnerability, dueAt, firstSeenAt }) => [
      vulnerability,
      dueAt && (dueAt - firstSeenAt) / DAY,
    ]),
  ).toEqual([
    ['CVE-2026-3', 3],
    ['CVE-2026-1', 30],
    ['CVE-2026-2', null],
  ]);
  const path = `/api/v1/vulnerabilities/${found[1]?.id ?? ''}/acceptance`;
  const accept = (until: number) =>
    send(collector, ['POST', path], admin, { until, reason: 'the part that is hit is not built in' });
  expect((await accept(Date.now() - 1)).status).toBe(400);
  const until = Date.now() + 90 * DAY;
  expect((await accept(until)).status).toBe(204);
  expect(await scan(openssl)).toEqual({ found: 1, opened: 0, fixed: 2 });
  expect(await seen()).toMatchObject([{ state: 'accepted', dueAt: until, acceptedBy: 'admin' }]);
  expect(await scan(openssl, kev)).toEqual({ found: 2, opened: 1, fixed: 0 });
});

test('a damaged file and a changed audit log are found by the nightly checks, and the rules are told', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'headcount-damage-')), 'x.sqlite');
  const store = await openStore(file);
  const logs = new LogBook();
  const check = () => runSelfChecks(store, { databaseFile: file, logger: logs.logger }, 1000);
  const failing = () =>
    store.selectFrom('heartbeat').select(['slug', 'failing_since', 'note']).orderBy('slug').execute();
  await check();
  expect(await failing()).toMatchObject([{ failing_since: null }, { failing_since: null }]);
  await store.destroy();
  // A page in the middle is overwritten.
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(4096, 0xab), 0, 4096, 40 * 4096);
  closeSync(handle);
  const damaged = await openStore(file);
  logs.expectError(/the database is damaged|the audit log was tampered with/);
  await damaged.updateTable('audit_head').set({ hash: 'x' }).execute();
  await runSelfChecks(damaged, { databaseFile: file, logger: logs.logger }, 2000);
  const [auditLog, database] = await damaged.selectFrom('heartbeat').selectAll().orderBy('slug').execute();
  expect(auditLog).toMatchObject({ slug: 'collector-audit-log', failing_since: 2000 });
  expect(database).toMatchObject({ slug: 'collector-database', failing_since: 2000 });
  expect(database?.note).toMatch(/page|malformed|btree/i);
  await damaged.destroy();
  logs.check();
});
