import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { storePlace } from '../src/config/config.js';
import { exportFleet, fleetFileSchema } from '../src/fleet-file/fleet-file.js';
import { planFleet } from '../src/fleet-file/plan-fleet.js';
import { startCollector, type TestCollector } from './_util/collector.js';

/** From now on no entry can be written. */
function breakAuditLog(collector: TestCollector): void {
  const file = new Database(storePlace(collector.config));
  file.exec(
    `CREATE TRIGGER audit_log_broken BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'the log is broken'); END`,
  );
  file.close();
}

/** Every row of the tables that changes with an entry would touch. */
function rowsOf(collector: TestCollector): unknown {
  const file = new Database(storePlace(collector.config), { readonly: true });
  const tables = ['user', 'session', 'recovery_code', 'site', 'gateway', 'desired_config', 'audit_log'];
  const rows = tables.map((table) => file.prepare(`SELECT * FROM "${table}"`).all());
  file.close();
  return rows;
}

test.each([
  ['PUT', '/api/v1/gateways/lobby/desired', { settings: { logLevel: 'debug' } }],
  ['PUT', '/api/v1/account/password', { current: '', next: 'a horse that counts' }],
  ['DELETE', '/api/v1/account/totp', { password: '' }],
  ['DELETE', '/api/v1/session', undefined],
  ['POST', '/api/v1/people', { username: 'lan', role: 'viewer' }],
] as const)('%s %s changes nothing where its entry cannot be written', async (method, path, body) => {
  const collector = await startCollector();
  collector.logs.expectError(/./);
  await collector.addGateway('lobby');
  const cookie = await collector.logIn();
  breakAuditLog(collector);
  const before = rowsOf(collector);
  const own = { current: collector.adminPassword, password: collector.adminPassword };
  const filled =
    body && Object.fromEntries(Object.entries({ ...body, ...own }).filter(([key]) => key in body));
  const response = await fetch(collector.httpUrl + path, {
    method,
    headers: { cookie, ...(body && { 'content-type': 'application/json' }) },
    ...(filled && { body: JSON.stringify(filled) }),
  });
  expect([response.status, await response.text()]).toEqual([500, expect.not.stringMatching(/broken/)]);
  expect(rowsOf(collector)).toEqual(before);
});

test('a step of a fleet file is not taken where its entry cannot be written', async () => {
  const collector = await startCollector();
  await collector.addGateway('lobby', { site: 'hq' });
  breakAuditLog(collector);
  const before = rowsOf(collector);
  const file = fleetFileSchema.parse({
    sites: { hq: { timeZone: 'Europe/Berlin', closingTime: '22:00' }, mill: { timeZone: 'UTC' } },
    gateways: { lobby: { site: 'mill', settings: { logLevel: 'debug' } }, cellar: { site: 'hq' } },
  });
  await collector.withStore(async (store) => {
    const steps = await planFleet(store, file, { author: 'test', now: 1 }, () => undefined);
    expect(steps).toHaveLength(6);
    for (const { run } of steps) await expect(run()).rejects.toThrow();
    expect((await exportFleet(store)).sites['hq']?.timeZone).toBe('UTC');
  });
  expect(rowsOf(collector)).toEqual(before);
});
