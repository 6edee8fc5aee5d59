import { topicFor } from '@headcount/shared';
import { expect, test } from 'vitest';
import { ruleTrialSchema, ruleVersionsSchema } from '../src/schema/alert-rules.js';
import { alertDetailSchema, alertRulesSchema, alertsSchema, dryRunSchema } from '../src/schema/alerts.js';
import { incidentDetailSchema } from '../src/schema/incidents.js';
import { madeTokenSchema } from '../src/schema/security.js';
import { externalAlert } from './_util/alert-world.js';
import { attempt } from './_util/attempt.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { countRecord, TestGateway } from './_util/gateway.js';
import { until } from './_util/until.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function put(collector: TestCollector, path: string, body: object, cookie: string): Promise<Response> {
  return fetch(collector.httpUrl + path, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { cookie, 'content-type': 'application/json' },
  });
}

async function alertsOf(collector: TestCollector, cookie: string, query = '') {
  const response = await collector.get(`/api/v1/alerts${query}`, cookie);
  expect(response.status).toBe(200);
  return alertsSchema.parse(await response.json());
}

const camera = (state: string, cause: string, at: number) => ({
  kind: 'camera',
  camera: 'door',
  state,
  cause,
  at,
});

test('a camera of a real gateway that goes dark becomes an alert with its history, and a dry run counts those before', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const password = await collector.addGateway('lobby', { site: 'shop', timeZone: 'Asia/Ho_Chi_Minh' });
  const gateway = await TestGateway.connect(collector.mqttUrl, 'lobby', password);
  await gateway.sayHello();
  const now = Date.now();
  // Dark for an hour three days ago and for a minute two days ago, which is too short; and since just now.
  const day = 24 * HOUR;
  await gateway.deliver(1, [
    camera('streaming', 'first-frame', now - 4 * day),
    camera('backoff', 'unreachable', now - 3 * day),
    camera('streaming', 'recovered', now - 3 * day + HOUR),
    camera('backoff', 'unreachable', now - 2 * day),
    camera('streaming', 'recovered', now - 2 * day + MINUTE),
    camera('backoff', 'unreachable', now - 1000),
  ]);
  const dry = dryRunSchema.parse(
    await (await collector.get('/api/v1/alert-rules/camera-offline/dry-run?days=7', cookie)).json(),
  );
  expect(dry).toMatchObject({ places: 1, fired: 1, openNow: 0, longestMs: HOUR });
  expect(dry.examples).toEqual([
    {
      asset: { kind: 'camera', path: 'shop/lobby/door', name: 'Front door' },
      from: now - 3 * day + 2 * MINUTE,
      to: now - 3 * day + HOUR + 2 * MINUTE,
    },
  ]);
  const short = await collector.get(
    '/api/v1/alert-rules/camera-offline/dry-run?days=7&forSeconds=0&keepSeconds=0',
    cookie,
  );
  expect(dryRunSchema.parse(await short.json())).toMatchObject({ fired: 3, openNow: 1 });
  const rule = '/api/v1/alert-rules/camera-offline';
  const tried = async (override: object) => {
    const answer = await collector.post(`${rule}/dry-run`, { override, days: 7 }, { cookie });
    return ruleTrialSchema.parse(await answer.json());
  };
  expect(await tried({ forSeconds: 0, keepSeconds: 0 })).toMatchObject({
    ...{ before: { fired: 1, paged: 1 }, after: { fired: 3, paged: 3 }, untold: [] },
  });
  expect((await tried({ forSeconds: 0, severity: 'low' })).after).toMatchObject({ paged: 0 });
  expect((await tried({ forSeconds: 0, enabled: false })).after).toEqual({ fired: 0, paged: 0 });
  expect((await put(collector, rule, { forSeconds: 0 }, cookie)).status).toBe(200);
  const history = await collector.get(`${rule}/versions`, cookie);
  expect(ruleVersionsSchema.parse(await history.json())).toMatchObject({
    default: { keepSeconds: 120, severity: 'high', conditions: [{ name: '', forSeconds: 120 }] },
    versions: [
      {
        ...{ version: 1, author: 'admin', override: { forSeconds: 0 } },
        changes: [{ field: 'forSeconds', before: 120, after: 0, unit: 's' }],
      },
    ],
  });
  const [alert] = await until(async () => {
    const { alerts } = await alertsOf(collector, cookie, '?rule=camera-offline');
    return alerts.length > 0 ? alerts : undefined;
  }, 'an alert');
  expect(alert).toMatchObject({
    ...{
      state: 'firing',
      severity: 'high',
      value: 1,
      threshold: 1,
      ruleVersion: 1,
      suppressedBy: [],
      parent: null,
    },
    ...{ asset: { path: 'shop/lobby/door' }, groupKey: 'site:shop', title: { vi: 'Camera mất hình' } },
  });
  const detail = await collector.get(`/api/v1/alerts/${alert?.id ?? ''}`, cookie);
  expect(alertDetailSchema.parse(await detail.json()).events).toMatchObject([{ seq: 1, kind: 'fired' }]);
  expect((await alertsOf(collector, cookie, '?asset=shop')).total).toBe(1);
  expect((await alertsOf(collector, cookie, '?asset=sho')).total).toBe(0);
  expect((await alertsOf(collector, cookie, '?severity=low')).total).toBe(0);
  // It ends by itself: a person cannot say so.
  const resolve = await collector.post(
    `/api/v1/alerts/${alert?.id ?? ''}/resolve`,
    { reason: 'enough' },
    { cookie },
  );
  expect(resolve.status).toBe(409);
  expect((await collector.get('/api/v1/alerts/nothing', cookie)).status).toBe(404);
  await gateway.deliver(7, [countRecord(Math.floor(now / MINUTE) * MINUTE)]);
});

test('rules are changed by an administrator, with a version and an entry in the log; nonsense is refused', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const change = (slug: string, body: object) => put(collector, `/api/v1/alert-rules/${slug}`, body, cookie);
  const rules = async () =>
    alertRulesSchema.parse(await (await collector.get('/api/v1/alert-rules', cookie)).json()).rules;
  expect(await rules()).toHaveLength(35);
  expect((await rules()).find(({ slug }) => slug === 'deadman')).toMatchObject({
    signal: 'watcher.silence',
    conditions: [{ threshold: 180, unit: 's' }],
  });
  expect(
    (await change('host-memory', { thresholds: { '': 95 }, clears: { '': 85 }, enabled: false })).status,
  ).toBe(200);
  expect((await rules()).find(({ slug }) => slug === 'host-memory')).toMatchObject({
    ...{ version: 1, enabled: false, conditions: [{ threshold: 95, clear: 85 }] },
  });
  const unknown = await change('host-memory', { thresholds: { swap: 1 } });
  expect([unknown.status, await unknown.text()]).toEqual([
    400,
    expect.stringContaining('no condition \\"swap\\"'),
  ]);
  const backwards = await change('host-memory', { clears: { '': 99 } });
  expect([backwards.status, await backwards.json()]).toEqual([
    400,
    expect.objectContaining({
      errors: [{ path: 'clears', message: expect.stringMatching(/opens at/) as string }],
    }),
  ]);
  expect((await change('nothing', {})).status).toBe(404);
  expect((await change('host-memory', { color: 'red' })).status).toBe(400);
  const notStored = await collector.get('/api/v1/alert-rules/camera-frozen/dry-run', cookie);
  expect([notStored.status, await notStored.text()]).toEqual([
    409,
    expect.stringContaining('not kept as history'),
  ]);
  const log = await (await collector.get('/api/v1/audit-log?action=alert-rule', cookie)).text();
  expect(log).toContain('"object":"host-memory"');
});

test('what Alertmanager reports becomes an alert', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const made = await collector.post('/api/v1/tokens', { name: 'prom', scopes: ['alerts:write'] }, { cookie });
  const { token } = madeTokenSchema.parse(await made.json());
  const headers = { authorization: `Bearer ${token}` };
  const group = { groupKey: '{}:{}', status: 'firing', receiver: 'headcount', truncatedAlerts: 0 };
  const alerts = [externalAlert('firing')];
  const taken = await collector.post('/api/v1/alertmanager', { version: '4', ...group, alerts }, headers);
  expect(await taken.json()).toEqual({ taken: 1 });
  const [fired] = await until(async () => {
    const { alerts: found } = await alertsOf(collector, cookie, '?rule=alertmanager');
    return found.length > 0 ? found : undefined;
  }, 'an alert');
  expect(fired).toMatchObject({
    ...{
      severity: 'critical',
      runbook: 'https://example.org/disk',
      title: { en: 'The disk of db-1 will be full' },
    },
    ...{
      asset: { kind: 'external', name: 'db-1:9100' },
      groupKey: 'component:@prometheus/DiskWillFill/db-1:9100',
    },
  });
  const ours = {
    ...externalAlert('firing'),
    fingerprint: 'ours',
    labels: { alertname: 'HeadcountIngestStopped', instance: 'collector-1' },
    annotations: { runbook_url: 'https://collector.example/#handbook/ingest' },
  };
  await collector.post('/api/v1/alertmanager', { version: '4', ...group, alerts: [ours] }, headers);
  await until(async () => {
    const { alerts: found } = await alertsOf(collector, cookie, '?rule=alertmanager');
    return found.some(({ runbook }) => runbook === 'ingest') ? found : undefined;
  }, 'an alert with our own runbook');
  const wrong = await collector.post('/api/v1/alertmanager', { version: '3', alerts: [] }, headers);
  expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('version')]);
});

test('an alert that a person ends is over for its incident, too', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const send = (path: string, body: object) => collector.post(`/api/v1/${path}`, body, { cookie });
  expect((await send('people', { username: 'mallory', role: 'admin' })).status).toBe(201);
  const incident = async () => {
    const response = await collector.get('/api/v1/incidents/INC-1', cookie);
    return response.status === 200 ? incidentDetailSchema.parse(await response.json()) : undefined;
  };
  const { alerts } = await until(incident, 'the incident', 30_000);
  expect(alerts).toMatchObject([{ rule: 'privilege-change', resolvedAt: null }]);
  const ended = await send(`alerts/${alerts[0]?.id ?? ''}/resolve`, { reason: 'she is the new manager' });
  expect(ended.status).toBe(204);
  const after = await incident();
  expect(after?.alerts).toMatchObject([{ resolvedAt: expect.any(Number) as number }]);
  expect(after?.autoResolveAt).toBeGreaterThan(Date.now());
});

test('a known gateway that wants what is not its own, and an address that tries passwords, are told', async () => {
  const collector = await startCollector();
  const cookie = await collector.logIn();
  const lobby = await TestGateway.connect(collector.mqttUrl, 'lobby', await collector.addGateway('lobby'));
  lobby.client.publish(topicFor('attic', 'records'), '{}', { qos: 0 });
  const wrong = { clientId: 'lobby', username: 'lobby', password: 'wrong' };
  for (let index = 0; index < 21; index++)
    expect(
      await attempt(collector.mqttUrl, { ...wrong, username: `g${index}`, clientId: `g${index}` }),
    ).not.toBe('accepted');
  const fired = await until(async () => {
    const { alerts } = await alertsOf(collector, cookie, '?rule=auth-attack');
    return alerts.length === 2 ? alerts : undefined;
  }, 'both alerts');
  expect(fired.map(({ condition }) => condition).sort()).toEqual(['denials', 'gateways']);
});
