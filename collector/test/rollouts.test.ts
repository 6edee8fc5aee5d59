import { topicFor, type ReportedMessage } from '@headcount/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advanceRollouts } from '../src/fleet/rollout-engine.js';
import { presetsSchema } from '../src/schema/presets.js';
import { desiredSchema, versionsSchema } from '../src/schema/remote.js';
import { rolloutPlanSchema, rolloutsSchema } from '../src/schema/rollouts.js';
import { startCollector, type TestCollector } from './_util/collector.js';
import { TestGateway } from './_util/gateway.js';
import { TestPostgres } from './_util/postgres.js';
import { until } from './_util/until.js';

const MINUTE = 60_000;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await TestPostgres.start();
});
afterAll(() => postgres.stop());

/** A collector with gateways that are online, and what a person at its API can do. */
class Fleet {
  private readonly collector: TestCollector;
  private readonly cookie: string;
  readonly gateways: readonly TestGateway[];

  private constructor(collector: TestCollector, cookie: string, gateways: readonly TestGateway[]) {
    this.collector = collector;
    this.cookie = cookie;
    this.gateways = gateways;
  }

  static async start(names: readonly string[], databaseUrl?: string): Promise<Fleet> {
    const collector = await startCollector(databaseUrl === undefined ? {} : { databaseUrl });
    const cookie = await collector.logIn();
    const gateways = [];
    for (const name of names) {
      const gateway = await TestGateway.connect(collector.mqttUrl, name, await collector.addGateway(name));
      await gateway.sayHello();
      await gateway.deliver(1, [
        { kind: 'camera', camera: 'door', state: 'streaming', cause: 'recovered', at: Date.now() },
      ]);
      gateways.push(gateway);
    }
    return new Fleet(collector, cookie, gateways);
  }

  async call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.collector.httpUrl}/api/v1${path}`, {
      method,
      headers: { cookie: this.cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: response.status === 204 ? null : await response.json() };
  }

  async start(body: object) {
    const { status, body: plan } = await this.call('POST', '/rollouts', { title: 'slower', ...body });
    return { status, plan: rolloutPlanSchema.parse(plan) };
  }

  async rollout() {
    const { rollouts } = rolloutsSchema.parse((await this.call('GET', '/rollouts')).body);
    const [newest] = rollouts;
    if (newest === undefined) throw new Error('there is no roll-out');
    const { state, reason, gateways } = newest;
    return { state, reason, gateways: Object.fromEntries(gateways.map((one) => [one.gateway, one.state])) };
  }

  async desired(name: string) {
    return desiredSchema.parse((await this.call('GET', `/gateways/${name}/desired`)).body);
  }

  /** What the gateway says of the newest version that it is asked for. */
  async report(name: string, change: Partial<ReportedMessage>): Promise<void> {
    const { version } = await this.desired(name);
    const gateway = this.gateways.find((one) => one.name === name);
    const message: ReportedMessage = {
      ...{ v: 1, at: Date.now(), version, outcome: 'applied', detail: '', problems: [], overridden: [] },
      ...{ restartNeeded: [], configVersion: 'abc', ...change },
    };
    const topic = topicFor(name, 'reported');
    await gateway?.client.publishAsync(topic, JSON.stringify(message), { qos: 1, retain: true });
    await until(async () => {
      const { status, body } = await this.call('GET', `/gateways/${name}/reported`);
      return (status === 200 && (body as ReportedMessage).at === message.at) || undefined;
    }, 'the report');
  }

  async advance(at: number): Promise<void> {
    await this.collector.withStore((store) => advanceRollouts(store, at));
  }
}

test.each(['SQLite', 'PostgreSQL'] as const)(
  'on %s a change goes to a canary, stays there while it is tried, and then to the rest',
  async (kind) => {
    const databaseUrl = kind === 'PostgreSQL' ? await postgres.database() : undefined;
    const fleet = await Fleet.start(['alpha', 'beta', 'gamma'], databaseUrl);
    const patch = { cameras: [{ id: '*', fps: 5 }] };
    const dry = await fleet.start({ patch, dryRun: true });
    expect(dry.plan).toEqual({
      id: null,
      gateways: ['alpha', 'beta', 'gamma'].map((gateway, index) => ({
        ...{ gateway, canary: index === 0, changes: [{ path: 'cameras.door.fps', after: 5 }] },
      })),
    });
    expect((await fleet.call('GET', '/rollouts')).body).toEqual({ rollouts: [] });
    expect((await fleet.start({ patch, soakMinutes: 10 })).status).toBe(201);
    expect(await fleet.desired('alpha')).toMatchObject({
      settings: { cameras: [{ id: 'door', fps: 5 }] },
      note: 'roll-out: slower',
      author: 'admin',
    });
    expect((await fleet.call('GET', '/gateways/beta/desired')).status).toBe(404);
    const begin = Date.now();
    await fleet.report('alpha', { outcome: 'trial' });
    await fleet.advance(begin + MINUTE);
    expect(await fleet.rollout()).toMatchObject({
      state: 'canary',
      gateways: { alpha: 'sent', beta: 'waiting' },
    });
    await fleet.report('alpha', {});
    await fleet.advance(begin + 2 * MINUTE);
    expect(await fleet.rollout()).toMatchObject({
      state: 'soak',
      gateways: { alpha: 'applied', beta: 'waiting' },
    });
    await fleet.advance(begin + 11 * MINUTE);
    expect(await fleet.rollout()).toMatchObject({ state: 'soak' });
    await fleet.advance(begin + 13 * MINUTE);
    expect(await fleet.rollout()).toMatchObject({ state: 'rest', gateways: { beta: 'sent', gamma: 'sent' } });
    await fleet.report('beta', {});
    // Somebody changes a gateway by hand: that stands.
    await fleet.call('PUT', '/gateways/gamma/desired', { settings: { logLevel: 'debug' } });
    await fleet.advance(begin + 14 * MINUTE);
    expect(await fleet.rollout()).toEqual({
      ...{ state: 'done', reason: '', gateways: { alpha: 'applied', beta: 'applied', gamma: 'superseded' } },
    });
  },
);

test.each([
  [{ outcome: 'rolled-back', detail: 'fps fell' }, 'alpha: fps fell'],
  [
    { outcome: 'refused', problems: [{ path: 'cameras.door.fps', message: 'too many' }] },
    'alpha: cameras.door.fps: too many',
  ],
] as const)('a canary that says %j halts the roll-out, and nobody else gets it', async (report, reason) => {
  const fleet = await Fleet.start(['alpha', 'beta']);
  await fleet.start({ patch: { detector: { threshold: 0.5 } } });
  await fleet.report('alpha', report as Partial<ReportedMessage>);
  await fleet.advance(Date.now());
  await fleet.advance(Date.now() + 60 * MINUTE);
  expect(await fleet.rollout()).toEqual({
    ...{ state: 'halted', reason, gateways: { alpha: 'failed', beta: 'waiting' } },
  });
});

test('a canary that loses a camera while it is watched halts the roll-out; it is rolled back word for word', async () => {
  const fleet = await Fleet.start(['alpha', 'beta']);
  const before = { cameras: [{ id: 'door', fps: 12 }], logLevel: 'warn' };
  await fleet.call('PUT', '/gateways/alpha/desired', { settings: before });
  const { plan } = await fleet.start({ patch: { cameras: [{ id: 'door', fps: 2 }] }, soakMinutes: 5 });
  expect(plan.gateways[0]?.changes).toEqual([{ path: 'cameras.door.fps', before: 12, after: 2 }]);
  const again = await fleet.call('POST', '/rollouts', { title: 'another', patch: { logLevel: 'info' } });
  expect([again.status, (again.body as { detail: string }).detail]).toEqual([
    409,
    'gateway "alpha" is in the roll-out "slower", which goes on; cancel it or wait for its end',
  ]);
  await fleet.report('alpha', {});
  await fleet.advance(Date.now());
  await fleet.gateways[0]?.deliver(2, [
    { kind: 'camera', camera: 'door', state: 'backoff', cause: 'refused', at: Date.now() },
  ]);
  await fleet.advance(Date.now() + 6 * MINUTE);
  expect(await fleet.rollout()).toMatchObject({
    state: 'halted',
    reason: 'alpha: 0 cameras give pictures, 1 did before',
  });
  const path = `/rollouts/${plan.id}`;
  expect((await fleet.call('POST', `${path}/rollback`)).status).toBe(200);
  expect(await fleet.desired('alpha')).toMatchObject({
    version: 3,
    settings: before,
    note: 'rolled back: slower',
  });
  expect((await fleet.call('GET', '/gateways/beta/desired')).status).toBe(404);
  expect((await fleet.call('POST', `${path}/rollback`)).status).toBe(409);
  expect((await fleet.call('POST', `${path}/cancel`)).status).toBe(409);
  expect((await fleet.call('POST', '/rollouts', { title: 'none', patch: {} })).status).toBe(409);
});

test('versions say what each changed, and an earlier one comes back as it was sent', async () => {
  const fleet = await Fleet.start(['alpha']);
  const preset = { note: 'the lobby cameras', url: 'rtsp://{host}/live', camera: { fps: 8, tiles: '2x1' } };
  expect((await fleet.call('PUT', '/camera-presets/lobby-cam', preset)).status).toBe(200);
  const settings = { cameras: [{ id: 'door', preset: 'lobby-cam', host: '10.0.0.5', fps: 6 }] };
  await fleet.call('PUT', '/gateways/alpha/desired', { settings });
  const sent = { cameras: [{ id: 'door', fps: 6, tiles: '2x1', url: 'rtsp://10.0.0.5/live' }] };
  expect(await fleet.desired('alpha')).toMatchObject({ settings, sent });
  await fleet.call('PUT', '/camera-presets/lobby-cam', { ...preset, camera: { tiles: '1x1' } });
  const presets = presetsSchema.parse((await fleet.call('GET', '/camera-presets')).body).presets;
  expect(presets.find(({ name }) => name === 'lobby-cam')?.gateways).toEqual([
    { name: 'alpha', behind: true },
  ]);
  expect((await fleet.desired('alpha')).sent).toEqual(sent);
  // Nothing but the preset has changed since.
  const { plan } = await fleet.start({ title: 'the new preset' });
  expect(plan.gateways).toEqual([
    {
      gateway: 'alpha',
      canary: true,
      changes: [{ path: 'cameras.door.tiles', before: '2x1', after: '1x1' }],
    },
  ]);
  await fleet.call('POST', '/gateways/alpha/desired/restore', { version: 1 });
  expect(await fleet.desired('alpha')).toMatchObject({ version: 3, settings, sent, note: 'version 1 again' });
  const { versions } = versionsSchema.parse(
    (await fleet.call('GET', '/gateways/alpha/desired/versions')).body,
  );
  expect(versions.map(({ version, changes }) => [version, changes.map(({ path }) => path)])).toEqual([
    [3, ['cameras.door.tiles']],
    [2, ['cameras.door.tiles']],
    [1, ['cameras.door.fps', 'cameras.door.tiles', 'cameras.door.url']],
  ]);
  const lost = await fleet.call('POST', '/gateways/alpha/desired/restore', { version: 9 });
  expect(lost.status).toBe(404);
});

test.each([
  [{ cameras: [{ id: 'door', preset: 'nowhere' }] }, 'cameras.door.preset: there is no preset "nowhere"'],
  [{ cameras: [{ id: 'door', preset: 'axis', host: 'a b' }] }, 'cameras.door.host: must be a host name'],
])('settings with a wrong preset are refused with the camera: %j', async (settings, problem) => {
  const fleet = await Fleet.start(['alpha']);
  const { status, body } = await fleet.call('PUT', '/gateways/alpha/desired', { settings });
  expect([status, (body as { detail: string }).detail]).toEqual([
    expect.any(Number),
    expect.stringContaining(problem),
  ]);
  expect(status).toBeGreaterThanOrEqual(400);
  expect((await fleet.call('GET', '/gateways/alpha/desired')).status).toBe(404);
});

test('a preset that is used stays, one of the program cannot be changed, and a password has no place in one', async () => {
  const fleet = await Fleet.start(['alpha']);
  await fleet.call('PUT', '/camera-presets/mine', { url: 'rtsp://{host}/a' });
  const settings = { cameras: [{ id: 'door', preset: 'mine', host: 'cam1:8554' }] };
  await fleet.call('PUT', '/gateways/alpha/desired', { settings });
  expect((await fleet.call('DELETE', '/camera-presets/mine')).status).toBe(409);
  // Without its address the camera that names a host would have none.
  const without = await fleet.call('PUT', '/camera-presets/mine', { camera: { fps: 5 } });
  expect([without.status, (without.body as { detail: string }).detail]).toEqual([
    400,
    'cameras.door.host: preset "mine" has no address; write "url" instead',
  ]);
  for (const body of [{ url: 'rtsp://admin:secret@{host}/' }, { camera: { credentialsFile: '/x' } }])
    expect((await fleet.call('PUT', '/camera-presets/other', body)).status).toBe(400);
  expect((await fleet.call('PUT', '/camera-presets/axis', {})).status).toBe(409);
  await fleet.call('PUT', '/gateways/alpha/desired', { settings: {} });
  expect((await fleet.call('DELETE', '/camera-presets/mine')).status).toBe(204);
  expect((await fleet.call('DELETE', '/camera-presets/mine')).status).toBe(404);
});
