import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeAlertmanager } from '../src/alerts/alertmanager.js';
import { resolveByHand } from '../src/alerts/resolve.js';
import type { AlertRow } from '../src/alerts/rows.js';
import { saveOverride } from '../src/alerts/rules.js';
import { audit } from '../src/audit-log/audit-log.js';
import { alertmanagerSchema } from '../src/schema/alerts.js';
import { AlertWorld, externalAlert } from './_util/alert-world.js';
import { TestPostgres } from './_util/postgres.js';

const MINUTE_S = 60;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

describe.each(['SQLite', 'PostgreSQL'] as const)('on %s', (kind) => {
  const make = async () => AlertWorld.make(kind === 'PostgreSQL' ? await postgres.database() : undefined);

  test('a camera that stays dark fires once, is handed on once, and resolves after it has been well for long enough', async () => {
    const world = await make();
    await world.setCamera('backoff');
    expect(await world.tickHeard()).toMatchObject({ fire: 0 });
    // The collector may be started anew between any two looks: every tick here begins with nothing in memory.
    expect(await world.tickHeard(2 * MINUTE_S - 1)).toMatchObject({ fire: 0 });
    expect(await world.tickHeard(1)).toMatchObject({ fire: 1, announced: 1, stillOpen: 1 });
    await world.tickHeard(5);
    expect(world.fired).toMatchObject([
      {
        ...{ ruleSlug: 'camera-offline', severity: 'high', groupKey: 'site:shop', firedAt: world.now - 5000 },
        ...{ asset: { kind: 'camera', path: 'shop/lobby/door', name: 'door' }, suppressedBy: [] },
        ...{ title: { en: 'Camera offline', vi: 'Camera mất hình' }, runbook: 'camera-offline' },
      },
    ]);
    await world.setCamera('streaming');
    expect(await world.tickHeard(5)).toMatchObject({ clear: 1 });
    expect(await world.tickHeard(2 * MINUTE_S - 1)).toMatchObject({ resolve: 0 });
    expect(await world.tickHeard(1)).toMatchObject({ resolve: 1, stillOpen: 0 });
    expect(world.resolved.map(({ id }) => id)).toEqual(world.fired.map(({ id }) => id));
    const [alert] = await world.alerts('camera-offline');
    const events = await world.store.selectFrom('alert_event').selectAll().orderBy('seq').execute();
    expect(events.map(({ kind: what }) => what)).toEqual(['fired', 'clearing', 'resolved']);
    expect(alert).toMatchObject({ state: 'resolved', resolve_reason: 'auto', resolved_at: world.now });
    // The next time is another alert.
    await world.setCamera('backoff');
    await world.tickHeard(5);
    expect(await world.tickHeard(2 * MINUTE_S)).toMatchObject({ fire: 1, announced: 1 });
    expect(await world.alerts('camera-offline')).toHaveLength(2);
    expect(world.errors).toEqual([]);
  });

  test('the database refuses what the state table does not have', async () => {
    const world = await make();
    await world.setCamera('backoff');
    await world.tickHeard();
    await world.tickHeard(2 * MINUTE_S);
    const [alert] = (await world.alerts('camera-offline')) as [AlertRow];
    const set = (columns: Partial<AlertRow>) =>
      world.store.updateTable('alert').set(columns).where('id', '=', alert.id).execute();
    await expect(set({ state: 'pending', fired_at: null })).rejects.toThrow();
    await expect(set({ state: 'clearing' })).rejects.toThrow();
    await expect(set({ state: 'resolved', resolved_at: 1 })).rejects.toThrow();
    await expect(set({ fired_at: null })).rejects.toThrow();
    await expect(world.store.deleteFrom('alert').execute()).rejects.toThrow(/kept/);
    await expect(
      world.store
        .insertInto('alert')
        .values({ ...alert, id: randomUUID() })
        .execute(),
    ).rejects.toThrow();
    const second = {
      ...alert,
      id: randomUUID(),
      state: 'pending',
      fired_at: null,
      announced_at: null,
    } as const;
    await expect(world.store.insertInto('alert').values(second).execute()).rejects.toThrow(/unique/i);
    await expect(world.store.updateTable('alert_event').set({ kind: 'x' }).execute()).rejects.toThrow(
      /append-only/,
    );
    await set({ state: 'resolved', resolved_at: 1, resolve_reason: 'manual', clearing_at: null });
    await expect(set({ state: 'firing', resolved_at: null, resolve_reason: null })).rejects.toThrow(/move/);
    await expect(set({ value: 1 })).rejects.toThrow(/move/);
  });

  test('a site that is cut off with all of its cameras is told once, and what remains dark is told when it is back', async () => {
    const world = await make();
    for (const name of ['g1', 'g2', 'g3']) {
      await world.addGateway(name);
      await world.addCamera(name, `cam-${name}`);
    }
    await world.addGateway('far', 'mall');
    const keepOthers = async () => {
      await world.store
        .updateTable('gateway')
        .set({ last_seen_at: world.now })
        .where('name', '=', 'far')
        .execute();
    };
    // Something was dark before.
    await world.setCamera('backoff');
    await world.tickHeard();
    await world.tickHeard(2 * MINUTE_S);
    expect(world.fired.map(({ ruleSlug }) => ruleSlug)).toEqual(['camera-offline']);
    for (let second = 0; second < 10 * MINUTE_S; second += 30) {
      world.now += 30_000;
      await keepOthers();
      await world.tick();
    }
    expect(world.fired.map(({ ruleSlug }) => ruleSlug)).toEqual(['camera-offline', 'site-uplink-down']);
    const held = await world.alerts('gateway-offline');
    expect(held.map(({ state, suppressed_by }) => [state, suppressed_by])).toEqual(
      Array(4).fill(['firing', '["inhibition:site-uplink-down:shop"]']),
    );
    // Three of four are back: the fourth is a problem of its own once the site is well.
    const back = async () => {
      await world.store
        .updateTable('gateway')
        .set({ last_seen_at: world.now })
        .where('name', '<>', 'g3')
        .execute();
    };
    for (let second = 0; second <= 4 * MINUTE_S; second += 30) {
      world.now += 30_000;
      await back();
      await world.tick();
    }
    expect(world.fired.map(({ ruleSlug, asset }) => [ruleSlug, asset.path]).slice(2)).toEqual([
      ['gateway-offline', 'shop/g3'],
    ]);
    const resolved = world.resolved.map(({ ruleSlug }) => ruleSlug);
    expect(resolved.filter((slug) => slug === 'gateway-offline')).toHaveLength(3);
    expect(resolved).toContain('site-uplink-down');
    expect(world.errors).toEqual([]);
  });
});

async function darkCamera() {
  const world = await AlertWorld.make();
  await world.setCamera('backoff');
  await world.tickHeard();
  await world.tickHeard(2 * MINUTE_S);
  return world;
}

test('an alert that comes back four times within an hour flaps: it must be quiet four times as long, and is told once', async () => {
  const world = await darkCamera();
  for (let time = 0; time < 4; time++) {
    await world.setCamera('streaming');
    await world.tickHeard(30);
    await world.setCamera('backoff');
    await world.tickHeard(30);
  }
  await world.setCamera('streaming');
  await world.tickHeard(5);
  expect(await world.tickHeard(8 * MINUTE_S - 1)).toMatchObject({ resolve: 0 });
  expect(await world.tickHeard(1)).toMatchObject({ resolve: 1 });
  expect(world.fired).toHaveLength(1);
  const kinds = (await world.store.selectFrom('alert_event').select('kind').execute()).map(
    ({ kind }) => kind,
  );
  expect(kinds.filter((kind) => kind === 'flapping')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'returned')).toHaveLength(4);
});

test('what is held back is evaluated and resolves all the same, and is told when that ends while it still fires', async () => {
  const world = await AlertWorld.make();
  let reasons: string[] = ['maintenance:weekly'];
  world.suppressions = () => Promise.resolve(() => reasons);
  await world.setCamera('backoff');
  await world.tickHeard();
  expect(await world.tickHeard(2 * MINUTE_S)).toMatchObject({ fire: 1, held: 1, announced: 0 });
  expect(await world.alerts('camera-offline')).toMatchObject([
    { suppressed_by: '["maintenance:weekly"]', announced_at: null },
  ]);
  reasons = [];
  expect(await world.tickHeard(5)).toMatchObject({ released: 1, announced: 1 });
  expect(world.fired).toMatchObject([{ suppressedBy: [], firedAt: world.now - 5000 }]);
  // Held back again: it has been told already and is not told a second time.
  reasons = ['silence:1'];
  await world.tickHeard(5);
  reasons = [];
  await world.tickHeard(5);
  expect(world.fired).toHaveLength(1);
  reasons = ['silence:2'];
  await world.setCamera('streaming');
  await world.tickHeard(5);
  await world.tickHeard(2 * MINUTE_S);
  expect(world.resolved).toHaveLength(1);
});

test('a rule that is switched off and a camera that is taken away end their alerts', async () => {
  const off = await darkCamera();
  const change = { slug: 'camera-offline', override: { enabled: false }, author: 'admin' };
  expect(await saveOverride(off.store, change, off.now)).toBe(1);
  expect(await off.tickHeard(5)).toMatchObject({ resolve: 1 });
  expect(await off.alerts('camera-offline')).toMatchObject([{ resolve_reason: 'rule_removed' }]);
  const away = await darkCamera();
  await away.store.updateTable('camera').set({ present: 0 }).execute();
  await away.tickHeard(5);
  expect(away.resolved).toMatchObject([{ ruleSlug: 'camera-offline' }]);
});

test('other lengths, thresholds and severities count from the next tick on, and every version is kept', async () => {
  const world = await AlertWorld.make();
  const save = (override: object) =>
    saveOverride(world.store, { slug: 'camera-offline', override, author: 'admin' }, world.now);
  await save({ forSeconds: 600 });
  expect(await save({ forSeconds: 0, severity: 'critical' })).toBe(2);
  await world.setCamera('backoff');
  expect(await world.tickHeard()).toMatchObject({ fire: 1, announced: 1 });
  expect(await world.alerts('camera-offline')).toMatchObject([{ severity: 'critical', rule_version: 2 }]);
  const versions = await world.store
    .selectFrom('alert_rule')
    .select(['version', 'override'])
    .orderBy('version')
    .execute();
  expect(versions).toEqual([
    { version: 1, override: '{"forSeconds":600}' },
    { version: 2, override: '{"forSeconds":0,"severity":"critical"}' },
  ]);
  await expect(world.store.updateTable('alert_rule').set({ author: 'x' }).execute()).rejects.toThrow(
    /append-only/,
  );
});

test('one alert that cannot be handed on is tried again, and does not hold the others back', async () => {
  const world = await AlertWorld.make();
  await world.addCamera('lobby', 'yard');
  await world.setCamera('backoff');
  await world.setCamera('backoff', 'yard');
  let broken = true;
  world.onFiring = (_trx, { asset }) =>
    broken && asset.name === 'door' ? Promise.reject(new Error('no incident')) : Promise.resolve();
  await world.tickHeard();
  expect(await world.tickHeard(2 * MINUTE_S)).toMatchObject({ announced: 1, failed: 1 });
  expect(world.errors).toEqual(['camera-offline:shop/lobby/door: Error: no incident']);
  broken = false;
  expect(await world.tickHeard(5)).toMatchObject({ announced: 1, failed: 0 });
  expect(world.fired.map(({ asset }) => asset.name)).toEqual(['yard', 'door']);
});

test('what Alertmanager reports is over when it says so, and stale when it is not said again in time', async () => {
  const world = await AlertWorld.make();
  const tell = (...alerts: object[]) =>
    takeAlertmanager(world.store, alertmanagerSchema.parse({ version: '4', alerts }), world.now);
  const soon = new Date(world.now + 60_000).toISOString();
  await tell(externalAlert('firing'), externalAlert('firing', { fingerprint: 'short', endsAt: soon }));
  expect(await world.tickHeard()).toMatchObject({ fire: 2, announced: 2 });
  expect(await world.tickHeard(59)).toMatchObject({ resolve: 0 });
  expect(await world.tickHeard(1)).toMatchObject({ resolve: 1 });
  await tell(externalAlert('resolved'));
  expect(await world.tickHeard(5)).toMatchObject({ clear: 1 });
  expect(await world.tickHeard(5)).toMatchObject({ resolve: 1 });
  const over = await world.alerts('alertmanager');
  expect(
    over.map(({ resolve_reason, dedup_key }) => [dedup_key.split(':').at(-1), resolve_reason]).sort(),
  ).toEqual([
    ['b4b1e0c1d5a4f3a2', 'auto'],
    ['short', 'stale'],
  ]);
  // Once more: it is another alert.
  await tell(externalAlert('firing'));
  expect(await world.tickHeard(5)).toMatchObject({ fire: 1 });
  // Without an end it is believed for a day.
  expect(await world.tickHeard(24 * 3600)).toMatchObject({ resolve: 1 });
});

test('a change of rights is over when a person says why, and does not come again', async () => {
  const world = await AlertWorld.make();
  const entry = { actor: 'eve', address: '::1', action: 'person.add', object: 'mallory', detail: 'admin' };
  await audit(world.store, { ...entry, result: 'done' }, world.now);
  await world.tickHeard();
  const [alert] = (await world.alerts('privilege-change', 'rights')) as [AlertRow];
  expect(alert).toMatchObject({ state: 'firing', asset_name: 'mallory' });
  const by = { id: alert.id, reason: 'she is the new manager', by: 'admin' };
  await resolveByHand(world.store, by, world.now);
  await expect(resolveByHand(world.store, by, world.now)).rejects.toThrow(/over already/);
  await world.tickHeard(15);
  expect(await world.alerts('privilege-change', 'rights')).toMatchObject([
    { state: 'resolved', resolve_reason: 'manual' },
  ]);
});
