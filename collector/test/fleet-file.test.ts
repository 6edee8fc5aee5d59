import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { rebuildRollups } from '../src/counts/rollups.js';
import { desiredOf } from '../src/fleet/desired.js';
import { addGateway } from '../src/fleet/fleet.js';
import { exportFleet, fleetFileSchema, type FleetFile } from '../src/fleet-file/fleet-file.js';
import { planFleet } from '../src/fleet-file/plan-fleet.js';
import { storeBatch } from '../src/ingest/batch.js';
import { openStore, type Store } from '../src/store/store.js';
import { countRecord } from './_util/gateway.js';

async function emptyStore(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'headcount-fleet-file-'));
  const store = await openStore(join(folder, 'x.sqlite'));
  onTestFinished(async () => {
    await store.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}

async function apply(store: Store, file: FleetFile): Promise<string[]> {
  const problems: string[] = [];
  const steps = await planFleet(store, file, { author: 'test', now: 1 }, (problem) => problems.push(problem));
  expect(problems).toEqual([]);
  for (const { run } of steps) await run();
  return steps.map(({ text }) => text);
}

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const fleet = fc
  .record({
    presets: fc.dictionary(
      fc.constantFrom('shop', 'station'),
      fc.record({
        url: fc.constantFrom('rtsp://{host}/a', 'rtsp://{host}/b'),
        camera: fc.constant({ fps: 8 }),
      }),
    ),
    sites: fc.dictionary(
      name,
      fc.record({
        timeZone: fc.constantFrom('Asia/Ho_Chi_Minh', 'Europe/Berlin', 'Australia/Lord_Howe'),
        closingTime: fc.option(fc.constantFrom('22:00', '03:30')),
        openingHours: fc.option(
          fc.record({ mon: fc.constantFrom('08:00-22:00', '18:00-02:00'), sun: fc.constant('10:00-16:00') }),
        ),
        closures: fc.constantFrom([], [{ name: 'Tết', from: '2026-02-16', to: '2026-02-20' }]),
      }),
      { minKeys: 1, maxKeys: 4 },
    ),
    gateways: fc.dictionary(
      name,
      fc.record(
        {
          site: fc.nat(),
          settings: fc.record({
            logLevel: fc.constantFrom('info', 'debug'),
            detector: fc.record({ threshold: fc.constantFrom(0.3, 0.5) }),
          }),
        },
        { requiredKeys: ['site'] },
      ),
      { maxKeys: 6 },
    ),
  })
  .map(({ presets, sites, gateways }) => {
    const names = Object.keys(sites);
    const placed = Object.entries(gateways).map(([gateway, { site, ...rest }]) => [
      gateway,
      { ...rest, site: names[site % names.length] },
    ]);
    // As a file would bring it.
    const text = JSON.stringify({ presets, sites, gateways: Object.fromEntries(placed) as unknown });
    return fleetFileSchema.parse(JSON.parse(text));
  });

test('what is exported makes the same fleet elsewhere, and applied again it changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fleet, fleet, async (first, second) => {
      const store = await emptyStore();
      for (const wanted of [first, second]) {
        await apply(store, wanted);
        expect(await apply(store, wanted)).toEqual([]);
        const is = await exportFleet(store);
        expect(is.sites).toMatchObject(wanted.sites);
        expect(is.gateways).toMatchObject(wanted.gateways);
        expect(is.presets).toMatchObject(wanted.presets);
      }
      const copy = await emptyStore();
      await apply(copy, await exportFleet(store));
      expect(await exportFleet(copy)).toEqual(await exportFleet(store));
    }),
    { numRuns: 20 },
  );
});

test('the file in the documentation is one that can be applied', async () => {
  const text = readFileSync(new URL('../../docs/fleet.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(text) ?? [];
  const store = await emptyStore();
  expect((await apply(store, fleetFileSchema.parse(parse(yaml)))).map((step) => step.split(' (')[0])).toEqual(
    ['+ preset lobby-cam', '+ site hq', '+ gateway lobby', '~ gateway lobby: desired configuration'],
  );
});

test('every step says what was and what will be, and a site that nobody knows is named', async () => {
  const store = await emptyStore();
  await addGateway(store, { name: 'lobby', site: 'hq', timeZone: 'UTC' }, { defaultTimeZone: 'UTC', now: 0 });
  const wanted = fleetFileSchema.parse({
    sites: {
      hq: { timeZone: 'Europe/Berlin', closingTime: '22:00', openingHours: { mon: '08:00-20:00' } },
      mill: { timeZone: 'UTC' },
    },
    gateways: { lobby: { site: 'mill', settings: { logLevel: 'debug' } }, cellar: { site: 'hq' } },
  });
  expect(await apply(store, wanted)).toEqual([
    '~ site hq: time zone UTC -> Europe/Berlin',
    '~ site hq: closing time none -> 22:00',
    '~ site hq: opening hours none -> mon 08:00-20:00',
    '+ site mill (UTC)',
    '~ gateway lobby: site hq -> mill',
    '+ gateway cellar (site hq); it enrols with: gateway enroll-code cellar',
    '~ gateway lobby: desired configuration (logLevel none -> "debug")',
  ]);
  const problems: string[] = [];
  const lost = fleetFileSchema.parse({ gateways: { roof: { site: 'mars' } } });
  await planFleet(store, lost, { author: 'test', now: 1 }, (problem) => problems.push(problem));
  expect(problems).toEqual(['gateways.roof.site: there is no site "mars"; name it under "sites"']);
});

test('a gateway that moves to a site in another zone has its days cut anew', async () => {
  const store = await emptyStore();
  const context = { defaultTimeZone: 'UTC', now: 0 };
  await addGateway(store, { name: 'lobby', site: 'hq', timeZone: 'UTC' }, context);
  const start = Date.parse('2026-03-02T20:00Z');
  const record = countRecord(start, { in: 3 });
  const message = {
    v: 1,
    epoch: '0b1f7f0e-6a57-4a0c-9d43-2d7a8c1e5f10',
    firstSeq: 1,
    sentAt: 0,
    historical: false,
  } as const;
  await storeBatch(
    store,
    { gateway: 'lobby', topic: 't', message: { ...message, records: [record] } },
    start,
  );
  await apply(
    store,
    fleetFileSchema.parse({
      sites: { saigon: { timeZone: 'Asia/Ho_Chi_Minh' } },
      gateways: { lobby: { site: 'saigon' } },
    }),
  );
  await rebuildRollups(store);
  const days = await store
    .selectFrom('rollup')
    .select(['start_at', 'in_count'])
    .where('size', '=', 'day')
    .execute();
  expect(days).toEqual([{ start_at: Date.parse('2026-03-02T17:00Z'), in_count: 3 }]);
});

test('a preset that changes reaches those who name it, in a roll-out where that is asked for', async () => {
  const store = await emptyStore();
  const camera = { id: 'door', preset: 'shop', host: '10.0.0.5' };
  const file = (fps: number) =>
    fleetFileSchema.parse({
      presets: { shop: { url: 'rtsp://{host}/a', camera: { fps } } },
      sites: { hq: { timeZone: 'UTC' } },
      gateways: {
        attic: { site: 'hq', settings: { cameras: [camera] } },
        lobby: { site: 'hq', settings: { cameras: [camera] } },
      },
    });
  expect((await apply(store, file(5)))[0]).toBe('+ preset shop');
  const staged = { title: 'faster', canaries: 1, soakMs: 60_000 };
  const steps = await planFleet(store, file(9), { author: 'test', now: 2, staged }, () => undefined);
  expect(steps.map(({ text }) => text)).toEqual([
    '~ preset shop',
    '+ roll-out "faster" (2 gateways, 1 first)\n  attic: cameras.door.fps 5 -> 9\n  lobby: cameras.door.fps 5 -> 9',
  ]);
  for (const { run } of steps) await run();
  const sent = async (gateway: string) => (await desiredOf(store, gateway))?.sent;
  const url = 'rtsp://10.0.0.5/a';
  expect(await sent('attic')).toEqual({ cameras: [{ id: 'door', url, fps: 9 }] });
  expect(await sent('lobby')).toEqual({ cameras: [{ id: 'door', url, fps: 5 }] });
  const problems: string[] = [];
  const wrong = fleetFileSchema.parse({
    presets: { axis: {} },
    gateways: { lobby: { site: 'hq', settings: { cameras: [{ id: 'door', preset: 'none' }] } } },
  });
  await planFleet(store, wrong, { author: 'test', now: 3 }, (problem) => problems.push(problem));
  expect(problems).toEqual([
    'presets.axis: is a preset of the program; choose another name',
    'gateways.lobby.settings.cameras.door.preset: there is no preset "none"; see GET /api/v1/camera-presets',
  ]);
});
