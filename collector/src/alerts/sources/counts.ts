import type { Gap } from '@headcount/shared';
import { timesOf } from '../../availability/times.js';
import { bucketAt, daysBefore, QUARTER_MS } from '../../counts/zone.js';
import type { Store } from '../../store/store.js';
import { burnRate, DAY_MS, HOUR_MS, MINUTE_MS, type Asset, type Sample, type Source } from '../signal.js';
import { cameraAsset } from './cameras.js';
import { gatewayAsset } from './gateways.js';

/** The promise is 99 %: this share of the time may be bad. */
const ERROR_BUDGET = 0.01;
const DAYS_OF_WEEK = 7;
/** Weeks whose same hour is looked at; rule count-silence. */
const WEEKS_BACK = 4;
/** So many crossings end a silence. */
const CROSSINGS_END = 3;

interface LineRow {
  readonly gateway: string;
  readonly camera: string;
  readonly id: string;
  readonly name: string;
  readonly camera_name: string;
  readonly site: string;
  readonly time_zone: string;
}

async function linesInUse(store: Store): Promise<LineRow[]> {
  return store
    .selectFrom('line')
    .innerJoin('gateway', 'gateway.name', 'line.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .innerJoin('camera', (join) =>
      join.onRef('camera.gateway', '=', 'line.gateway').onRef('camera.id', '=', 'line.camera'),
    )
    .select(['line.gateway', 'line.camera', 'line.id', 'line.name', 'camera.name as camera_name'])
    .select(['gateway.site', 'site.time_zone'])
    .where('line.present', '=', 1)
    .execute();
}

export function lineAsset(line: {
  site: string;
  gateway: string;
  camera: string;
  id: string;
  name: string;
}): Asset {
  const { site, gateway, camera, id, name } = line;
  return { kind: 'line', path: `${site}/${gateway}/${camera}/${id}`, name };
}

const keyOf = (row: { gateway: string; camera: string; id: string }) =>
  `${row.gateway}/${row.camera}/${row.id}`;

/** Sums of lines that begin at one of these instants, or in a stretch; one query for all lines. */
async function lineSums(
  store: Store,
  size: 'quarter' | 'hour',
  when: readonly number[] | { from: number; to: number },
) {
  let query = store
    .selectFrom('rollup')
    .select(['gateway', 'camera', 'id', 'start_at', 'in_count', 'out_count', 'observed_ms', 'covered_ms'])
    .where('kind', '=', 'line')
    .where('size', '=', size)
    .where('gateway', 'in', store.selectFrom('gateway').select('name'));
  query =
    'from' in when
      ? query.where('start_at', '>=', when.from).where('start_at', '<', when.to)
      : query.where('start_at', 'in', [...when]);
  return query.execute();
}

/** How fast each camera's error budget burns: 1 is a pace that uses it up exactly. The finest sums are quarters of an hour. */
export const burnSource: Source = {
  signals: ['camera.burn-hour', 'camera.burn-six-hours', 'camera.burn-three-days'],
  periodMs: 5 * MINUTE_MS,
  async read(store, now) {
    const lines = await linesInUse(store);
    const quarter = bucketAt('UTC', 'quarter', now).start;
    const pairs = {
      'camera.burn-hour': [
        await badShares(store, 'quarter', quarter - HOUR_MS, now),
        await badShares(store, 'quarter', quarter - QUARTER_MS, now),
      ],
      'camera.burn-six-hours': [
        await badShares(store, 'quarter', quarter - 6 * HOUR_MS, now),
        await badShares(store, 'quarter', quarter - 2 * QUARTER_MS, now),
      ],
      'camera.burn-three-days': [
        await badShares(store, 'hour', quarter - 3 * DAY_MS, now),
        await badShares(store, 'quarter', quarter - 6 * HOUR_MS, now),
      ],
    } as const;
    // All lines of a camera tell the same time.
    const cameras = new Map(lines.map((line) => [`${line.gateway}/${line.camera}`, line]));
    const samples = ([long, short]: readonly [Shares, Shares]) =>
      [...cameras].map(([key, { site, gateway, camera, camera_name }]): Sample => {
        const asset = cameraAsset({ site, gateway, id: camera, name: camera_name });
        const shares = [long.get(key), short.get(key)];
        const known = shares.filter((share) => share !== undefined);
        // Both windows must burn: one of them alone is over already, or has just begun.
        return { asset, value: known.length < 2 ? 'unknown' : burnRate(Math.min(...known), ERROR_BUDGET) };
      });
    return Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, samples(pair)]));
  },
};

type Shares = ReadonlyMap<string, number>;

/** Bad share of each camera's known time since then. Unknown time and time that is switched off count as nothing. */
async function badShares(store: Store, size: 'quarter' | 'hour', from: number, now: number): Promise<Shares> {
  const gateways = store.selectFrom('gateway').select('name');
  const sums = await store
    .selectFrom('rollup')
    .select(['gateway', 'camera', 'id'])
    .select(({ fn }) => fn.sum<number>('observed_ms').as('ms'))
    .where('kind', '=', 'line')
    .where('size', '=', size)
    .where('gateway', 'in', gateways)
    .where('start_at', '>=', from)
    .where('start_at', '<=', now)
    .groupBy(['gateway', 'camera', 'id'])
    .execute();
  const parts = await store
    .selectFrom('rollup_part')
    .select(['gateway', 'camera', 'id', 'reason'])
    .select(({ fn }) => fn.sum<number>('ms').as('ms'))
    .where('kind', '=', 'line')
    .where('size', '=', size)
    .where('gateway', 'in', gateways)
    .where('part', '=', 'gap')
    .where('start_at', '>=', from)
    .where('start_at', '<=', now)
    .groupBy(['gateway', 'camera', 'id', 'reason'])
    .execute();
  const gaps = new Map<string, Gap[]>();
  for (const row of parts)
    gaps.set(keyOf(row), [
      ...(gaps.get(keyOf(row)) ?? []),
      { reason: row.reason as Gap['reason'], ms: row.ms },
    ]);
  const shares = new Map<string, number>();
  for (const row of sums) {
    const { goodMs, badMs } = timesOf(0, row.ms, gaps.get(keyOf(row)) ?? []);
    if (goodMs + badMs > 0) shares.set(`${row.gateway}/${row.camera}`, badMs / (goodMs + badMs));
  }
  return shares;
}

/** Lines that nobody crosses, with how many people are usual at this hour. */
export const silenceSource: Source = {
  signals: ['line.silence'],
  periodMs: MINUTE_MS,
  async read(store, now) {
    const lines = await linesInUse(store);
    const usual = await usualCrossings(store, lines, now);
    const quarter = bucketAt('UTC', 'quarter', now).start;
    const sums = new Map((await lineSums(store, 'quarter', [quarter])).map((row) => [keyOf(row), row]));
    return {
      'line.silence': lines.map((line): Sample => {
        const asset = lineAsset(line);
        const sum = sums.get(keyOf(line));
        if (sum === undefined || sum.observed_ms === 0) return { asset, value: 'unknown' };
        const crossings = sum.in_count + sum.out_count;
        if (crossings >= CROSSINGS_END) return { asset, value: 0 };
        return { asset, value: crossings > 0 ? 1 : (usual.get(keyOf(line)) ?? 0) };
      }),
    };
  },
};

/** Median of what lines counted at this hour of the week in the last weeks; for those that were there in all of them. */
async function usualCrossings(
  store: Store,
  lines: readonly LineRow[],
  now: number,
): Promise<Map<string, number>> {
  const usual = new Map<string, number>();
  for (const zone of new Set(lines.map(({ time_zone }) => time_zone))) {
    const { start } = bucketAt(zone, 'hour', now);
    const hours = Array.from({ length: WEEKS_BACK }, (_, week) =>
      daysBefore(zone, start, DAYS_OF_WEEK * (week + 1)),
    );
    const counts = new Map<string, number[]>();
    for (const row of await lineSums(store, 'hour', hours))
      counts.set(keyOf(row), [...(counts.get(keyOf(row)) ?? []), row.in_count + row.out_count]);
    for (const line of lines.filter(({ time_zone }) => time_zone === zone)) {
      const sorted = (counts.get(keyOf(line)) ?? []).sort((a, b) => a - b);
      if (sorted.length === WEEKS_BACK) usual.set(keyOf(line), ((sorted[1] ?? 0) + (sorted[2] ?? 0)) / 2);
    }
  }
  return usual;
}

/** Counts that totals prove missing, and records that can never be stored, of the last day. */
export const lossSource: Source = {
  signals: ['line.missing', 'gateway.refused'],
  periodMs: MINUTE_MS,
  async read(store, now) {
    const gaps = await store
      .selectFrom('ledger_gap')
      .innerJoin('gateway', 'gateway.name', 'ledger_gap.gateway')
      .select(['gateway.site', 'ledger_gap.gateway', 'camera', 'line as id'])
      .select(({ fn }) => [fn.sum<number>('missing_in').as('in'), fn.sum<number>('missing_out').as('out')])
      .where('found_at', '>', now - DAY_MS)
      .groupBy(['gateway.site', 'ledger_gap.gateway', 'camera', 'line'])
      .execute();
    const letters = await store
      .selectFrom('dead_letter')
      .innerJoin('gateway', 'gateway.name', 'dead_letter.gateway')
      .select(['gateway.site', 'gateway.name'])
      .select(({ fn }) => fn.countAll<number>().as('letters'))
      .where('at', '>', now - DAY_MS)
      .groupBy(['gateway.site', 'gateway.name'])
      .execute();
    return {
      'line.missing': gaps.map((row) => ({
        asset: lineAsset({ ...row, name: row.id }),
        value: row.in + row.out,
      })),
      'gateway.refused': letters.map((row) => ({ asset: gatewayAsset(row), value: row.letters })),
    };
  },
};
