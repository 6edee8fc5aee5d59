import { NOTHING_COUNTED } from '../../src/alerts/own-numbers.js';
import type { SignalName } from '../../src/alerts/signal.js';
import { audit } from '../../src/audit-log/audit-log.js';
import { CARE_DRIVERS } from './alert-drivers-care.js';
import type { AlertWorld } from './alert-world.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const QUARTER = 15 * MINUTE;

/** Makes a signal say something at the world's present. */
export interface Driver {
  readonly set: (world: AlertWorld, value: number) => Promise<void>;
  /** Makes it say nothing: data that does not come, or the name of a table that cannot be read. */
  readonly lose: ((world: AlertWorld) => Promise<void>) | string;
}

let seq = 0;
const key = () => ({ gateway: 'lobby', epoch: 'e', seq: ++seq });

const own = (fields: (value: number) => object): Driver => ({
  set: (world, value) => {
    const before = world.own instanceof Error ? NOTHING_COUNTED : world.own;
    const more = { ...NOTHING_COUNTED, ...fields(value) } as Record<keyof typeof NOTHING_COUNTED, number>;
    const counters = Object.fromEntries(
      (Object.keys(NOTHING_COUNTED) as (keyof typeof NOTHING_COUNTED)[]).map((name) => [
        name,
        before[name] + more[name],
      ]),
    );
    const well = {
      ...{ brokerProblem: undefined, loopDelayMs: 10, diskFree: 0.5, walBytes: 1e6 },
      ...{ watcherSilenceMs: undefined, wrongLogins: 0, inFlight: 0 },
    };
    world.own = { ...well, ...more, ...counters };
    return Promise.resolve();
  },
  lose: (world) => {
    world.own = new Error('cannot be read');
    return Promise.resolve();
  },
});

const host = (fields: (value: number) => object): Driver => ({
  set: async (world, value) => {
    const body = {
      ...{
        kind: 'host',
        at: world.now,
        cpuPercent: 10,
        load1: 1,
        memoryUsedBytes: 10,
        memoryTotalBytes: 1000,
      },
      ...{ diskUsedBytes: 100, diskTotalBytes: 1000, diskFullInHours: null, temperatureCelsius: 40 },
      ...{ outboxRecords: 0, throttled: false, clockSynchronised: true, clockOffsetMs: 0, ...fields(value) },
    };
    await world.store
      .insertInto('host_sample')
      .values({ ...key(), at: world.now, body: JSON.stringify(body) })
      .execute();
  },
  // No new sample.
  lose: () => Promise.resolve(),
});

const scene = (active: string): Driver => ({
  set: async (world, value) => {
    const edge = { ...key(), camera: 'door', at: world.now, accepted: value === 0 ? 1 : 0 };
    await world.store
      .insertInto('scene_edge')
      .values({ ...edge, active: value === 1 ? `["${active}"]` : '[]' })
      .execute();
  },
  lose: async ({ store }) => {
    await store.updateTable('gateway').set({ status: 'offline' }).execute();
  },
});

const edges = (state: string): Driver => ({
  set: async (world, value) => {
    await world.store.deleteFrom('camera_edge').execute();
    for (let count = 0; count < value; count++)
      await world.store
        .insertInto('camera_edge')
        .values({ ...key(), camera: 'door', state, cause: 'silent', at: world.now - 1000 * count })
        .execute();
  },
  lose: async ({ store }) => {
    await store.updateTable('gateway').set({ status: 'offline' }).execute();
  },
});

type Size = 'quarter' | 'hour' | 'day';
const LENGTH = { quarter: QUARTER, hour: HOUR, day: DAY };

/** A sum of the line, observed but for `badMs`. */
async function sum(
  world: AlertWorld,
  size: Size,
  start: number,
  { crossings = 0, out = 0, badMs = 0 },
): Promise<void> {
  const length = LENGTH[size];
  const bucket = {
    kind: 'line',
    size,
    gateway: 'lobby',
    start_at: start,
    camera: 'door',
    id: 'main',
  } as const;
  await world.store
    .insertInto('rollup')
    .values({
      ...{ ...bucket, end_at: start + length, in_count: crossings, out_count: out, stitched: 0 },
      ...{ observed_ms: length - badMs, covered_ms: length, spread: 0, occupancy_max: null, queue_max: null },
      ...{ dwell_ms: 0, dwell_visits: 0 },
    })
    .execute();
  if (badMs > 0)
    await world.store
      .insertInto('rollup_part')
      .values({ ...bucket, part: 'gap', reason: 'backoff', ms: badMs })
      .execute();
}

async function clearSums({ store }: AlertWorld): Promise<void> {
  await store.deleteFrom('rollup').execute();
  await store.deleteFrom('rollup_part').execute();
}

const burn: Driver = {
  set: async (world, value) => {
    await clearSums(world);
    const quarter = Math.floor(world.now / QUARTER) * QUARTER;
    const hour = Math.floor(world.now / HOUR) * HOUR;
    const bad = (length: number) => Math.round(value * 0.01 * length);
    for (let back = 0; back <= 24; back++)
      await sum(world, 'quarter', quarter - back * QUARTER, { badMs: bad(QUARTER) });
    for (let back = 0; back <= 72; back++) await sum(world, 'hour', hour - back * HOUR, { badMs: bad(HOUR) });
  },
  lose: clearSums,
};

/** What is stored of lines, as their keeper makes it of what was set. */
function kept(set: Driver['set']): Driver {
  return {
    set: async (world, value) => {
      await set(world, value);
      await world.keepVerdicts();
    },
    lose: 'line_verdict',
  };
}

/** 0: as always; 1: nearly nobody came yesterday. */
const unusual = kept(async (world, value) => {
  await clearSums(world);
  const today = Math.floor(world.now / DAY) * DAY;
  for (const back of [1, 2, 3, 4, 5, 6, 7, 8, 15, 22, 29, 36])
    await sum(world, 'day', today - back * DAY, { crossings: value === 1 && back === 1 ? 10 : 1000 });
});

/** 1: half of those who came never left. */
const left = kept(async (world, value) => {
  await clearSums(world);
  await world.store.updateTable('site').set({ closing_time: '00:00' }).execute();
  await world.store.updateTable('line').set({ entrance: 1 }).execute();
  const quarter = Math.floor(world.now / QUARTER) * QUARTER;
  for (let back = 0; back < 4 * 24 * 3; back++)
    await sum(world, 'quarter', quarter - back * QUARTER, { crossings: 10, out: value === 1 ? 5 : 10 });
});

const silence: Driver = {
  set: async (world, value) => {
    await clearSums(world);
    const hour = Math.floor(world.now / HOUR) * HOUR;
    const usual = value === 0 ? 100 : value;
    for (const week of [1, 2, 3, 4]) await sum(world, 'hour', hour - 7 * week * DAY, { crossings: usual });
    await sum(world, 'quarter', Math.floor(world.now / QUARTER) * QUARTER, {
      crossings: value === 0 ? 3 : 0,
    });
  },
  lose: clearSums,
};

/** Somebody counted a thousand people; of those the machine missed this share. */
async function auditLine(world: AlertWorld, machine: number): Promise<void> {
  await world.store.deleteFrom('accuracy_audit').execute();
  const to = Math.floor(world.now / MINUTE) * MINUTE - HOUR;
  const part = { from: to - HOUR, to, person: { in: 1000, out: 0 }, machine: { in: machine, out: 0 } };
  await world.store
    .insertInto('accuracy_audit')
    .values({
      ...{ id: `a${++seq}`, gateway: 'lobby', camera: 'door', line: 'main', from_at: to - HOUR, to_at: to },
      ...{
        method: 'live',
        truth_in: 1000,
        truth_out: 0,
        minutes: null,
        light: null,
        density: null,
        note: '',
      },
      ...{
        auditor: 'a',
        created_at: world.now,
        ai_in: machine,
        ai_out: 0,
        model_hash: null,
        config_version: null,
      },
      parts: JSON.stringify([{ ...part, modelHash: 'm', configVersion: 'c' }]),
    })
    .execute();
}

const failedLogins = (name: string, by: (index: number) => { object: string; address: string }): Driver => ({
  set: async (world, value) => {
    for (let index = 0; index < value; index++)
      await audit(world.store, { actor: name, action: 'login', result: 'failed', ...by(index) }, world.now);
  },
  lose: 'audit_log',
});

const certificate = (lifeOf: (value: number) => { left: number; life: number }): Driver => ({
  set: async (world, value) => {
    const { left: leftMs, life } = lifeOf(value);
    await world.store.deleteFrom('gateway_certificate').execute();
    await world.store
      .insertInto('gateway_certificate')
      .values({
        ...{ serial: `s${++seq}`, gateway: 'lobby', request_sha256: 'x', pem: '', revoked_at: null },
        ...{ issued_at: world.now + leftMs - life, expires_at: world.now + leftMs },
      })
      .execute();
  },
  lose: 'api_token',
});

const token = (
  timesOf: (value: number, now: number) => { created_at: number; expires_at: number; used_at: number },
): Driver => ({
  set: async (world, value) => {
    await world.store
      .insertInto('api_token')
      .values({
        ...{ id: 'till', name: 'till', token_hash: 'x', scopes: '[]', created_by: 'a', revoked_at: null },
        ...timesOf(value, world.now),
      })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(timesOf(value, world.now)))
      .execute();
  },
  lose: 'api_token',
});

/** A collector that has just started has heard nobody yet. */
async function deaf(world: AlertWorld): Promise<void> {
  world.startedAt = world.now;
  world.forgetOwn();
  await world.hear(world.now - HOUR);
}

/** How to make each signal say a value. */
export const DRIVERS: Readonly<Record<Exclude<SignalName, 'external'>, Driver>> = {
  ...CARE_DRIVERS,
  'broker.slow-consumers': own((value) => ({ slowConsumers: value })),
  'broker.in-flight': own((value) => ({ inFlight: value / 100 })),
  'broker.denials': own((value) => ({ denials: value })),
  'broker.wrong-logins': own((value) => ({ wrongLogins: value })),
  'watcher.silence': own((value) => ({ watcherSilenceMs: 1000 * value })),
  'gateway.silence': {
    set: (world, value) => world.hear(world.now - 1000 * value),
    lose: deaf,
  },
  'site.offline-share': {
    set: async (world, value) => {
      for (let index = 1; index < 10; index++) await world.addGateway(`g${index}`).catch(() => undefined);
      await world.hear();
      await world.store
        .updateTable('gateway')
        .set({ last_seen_at: world.now - 10 * MINUTE })
        .where(
          'name',
          'in',
          ['lobby', 'g1', 'g2', 'g3', 'g4', 'g5', 'g6', 'g7', 'g8', 'g9'].slice(0, value / 10),
        )
        .execute();
    },
    lose: deaf,
  },
  'ingest.silence': {
    set: (world, value) => world.hear(world.now - 1000 * value),
    lose: deaf,
  },
  'gateway.connects': {
    set: (world, value) => Promise.resolve(void (world.logins += value)),
    lose: 'gateway',
  },
  'gateway.clock-offset': host((value) => ({ clockOffsetMs: -1000 * value })),
  'gateway.clock-unsynchronised': host((value) => ({ clockSynchronised: value === 0 })),
  // One line and the sample itself: two records a minute.
  'gateway.backlog': host((value) => ({ outboxRecords: 2 * value })),
  'camera.down': {
    set: (world, value) => world.setCamera(value === 1 ? 'backoff' : 'streaming'),
    lose: async ({ store }) => {
      await store.updateTable('gateway').set({ status: 'offline' }).execute();
    },
  },
  'camera.reconnects': edges('connecting'),
  'camera.stalls': edges('stalled'),
  'camera.frozen': scene('frozen'),
  'camera.tamper': scene('moved'),
  'camera.burn-hour': burn,
  'camera.burn-six-hours': burn,
  'camera.burn-three-days': burn,
  'line.silence': silence,
  'line.unusual': unusual,
  'site.left': left,
  'line.missing': {
    set: async (world, value) => {
      if (value === 0) return;
      const place = { gateway: 'lobby', epoch: 'e', camera: 'door', line: 'main' };
      const row = { ...place, from_at: ++seq, to_at: world.now, found_at: world.now };
      await world.store
        .insertInto('ledger_gap')
        .values({ ...row, missing_in: value, missing_out: 0 })
        .execute();
    },
    lose: 'ledger_gap',
  },
  'gateway.refused': {
    set: async (world, value) => {
      for (let count = 0; count < value; count++)
        await world.store
          .insertInto('dead_letter')
          .values({ ...key(), topic: 't', reason: 'r', payload: 'p', payload_sha256: 's', at: world.now })
          .execute();
    },
    lose: 'dead_letter',
  },
  'line.accuracy-fail': kept((world, value) => auditLine(world, value === 1 ? 800 : 1000)),
  'line.accuracy-due': kept(async (world, value) => {
    if (value === 0) await auditLine(world, 1000);
    else await world.store.deleteFrom('accuracy_audit').execute();
  }),
  'host.cpu': host((value) => ({ cpuPercent: value })),
  'host.throttled': host((value) => ({ throttled: value === 1 })),
  'host.temperature': host((value) => ({ temperatureCelsius: value })),
  'host.memory': host((value) => ({ memoryUsedBytes: 10 * value })),
  'host.disk-free': host((value) => ({ diskUsedBytes: 1000 - 10 * value })),
  'host.disk-full-in': host((value) => ({ diskFullInHours: value })),
  'api.burn-hour': own((value) => ({ requests: 100_000, failed: 100 * value })),
  'api.burn-six-hours': own((value) => ({ requests: 100_000, failed: 100 * value })),
  'api.latency': own((value) => ({ requests: 1000, requestSeconds: value })),
  'api.slow-share': own((value) => ({ requests: 1000, slow: 10 * value })),
  'collector.loop-delay': own((value) => ({ loopDelayMs: value })),
  'broker.down': own((value) => ({ brokerProblem: value === 1 ? 'it does not listen' : undefined })),
  'db.slow-share': own((value) => ({ writes: 1000, slowWrites: 10 * value })),
  'db.wal': own((value) => ({ walBytes: 1e6 * value })),
  'certificate.margin': certificate((value) => ({ left: value * 30 * DAY, life: 90 * DAY })),
  'certificate.days': certificate((value) => ({ left: value * DAY, life: 90 * DAY })),
  'token.margin': token((value, now) => ({
    ...{ expires_at: now + value * 14 * DAY, created_at: now + value * 14 * DAY - 90 * DAY, used_at: now },
  })),
  'token.unused': token((value, now) => ({
    ...{ expires_at: now + 100 * DAY, created_at: now - 200 * DAY, used_at: now - value * DAY },
  })),
  'login.failures-account': failedLogins('eve', (index) => ({ object: 'admin', address: `10.0.0.${index}` })),
  'login.failures-address': failedLogins('eve', (index) => ({ object: `user${index}`, address: '10.0.0.1' })),
  'login.guessed': {
    set: async (world, value) => {
      const entry = { actor: 'eve', address: '10.0.0.1', action: 'login', object: 'admin' };
      for (let count = 0; count < 4 + value; count++)
        await audit(world.store, { ...entry, result: 'failed' }, world.now);
      await audit(world.store, { ...entry, result: 'done' }, world.now);
    },
    lose: 'audit_log',
  },
  'account.privileges': {
    set: async (world, value) => {
      const entry = {
        actor: 'eve',
        address: '10.0.0.1',
        action: 'person.add',
        object: 'mallory',
        result: 'done',
      } as const;
      const known = await world.store
        .selectFrom('audit_log')
        .select('seq')
        .where('detail', '=', 'admin')
        .execute();
      if (known.length > 0) return;
      await audit(world.store, { ...entry, detail: value === 1 ? 'admin' : 'viewer' }, world.now);
    },
    lose: 'audit_log',
  },
};
