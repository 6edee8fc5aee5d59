import { cameraOverview, zoneOverview } from '../fleet/overview.js';
import type { Camera, ZoneToday } from '../schema/api.js';
import type { Store } from '../store/store.js';
import type { Rollup } from './rollup-rows.js';
import { emptySum, tallyOf, type Sum } from './sums.js';
import type { Target } from './targets.js';
import { bucketAt } from './zone.js';

/** Every camera with the counts of its site day so far. */
export async function camerasToday(store: Store, now: number): Promise<Camera[]> {
  const cameras = await cameraOverview(store);
  const sumOf = await daySums(store, 'line', { zones: cameras.map(({ timeZone }) => timeZone), now });
  return cameras.map(({ lines, ...camera }) => {
    const { gateway, timeZone } = camera;
    const span = bucketAt(timeZone, 'day', now);
    const counted = lines.map(({ id, name, first_at: firstAt, name_in, name_out }) => {
      const sum = sumOf({ gateway, camera: camera.id, id, timeZone });
      const directions = { in: name_in, out: name_out };
      const tally = tallyOf([{ firstAt, until: null }], span, sum, now);
      return { id, name, directions, stitched: sum.stitched, ...tally };
    });
    return { ...camera, today: { from: span.start, lines: counted } };
  });
}

/** Every zone that is in use, with the numbers of its site day so far. */
export async function zonesToday(store: Store, now: number): Promise<ZoneToday[]> {
  const zones = await zoneOverview(store);
  const sumOf = await daySums(store, 'zone', { zones: zones.map(({ timeZone }) => timeZone), now });
  return zones.map(({ timeZone, ...zone }) => {
    const sum = sumOf({ gateway: zone.gateway, camera: zone.camera, id: zone.id, timeZone });
    const { in: entries, out: exits, occupancyMax, queueMax, observedMs, dwellVisits, dwellMs } = sum;
    const meanDwellMs = dwellVisits === 0 ? null : Math.round(dwellMs / dwellVisits);
    const { start: from } = bucketAt(timeZone, 'day', now);
    return { ...zone, from, entries, exits, occupancyMax, queueMax, observedMs, meanDwellMs };
  });
}

type Place = Pick<Target, 'gateway' | 'camera' | 'id' | 'timeZone'>;

/** Sums of the site day of every line or zone, by one query per time zone. */
async function daySums(
  store: Store,
  kind: 'line' | 'zone',
  { zones, now }: { zones: readonly string[]; now: number },
): Promise<(place: Place) => Sum> {
  const starts = new Map([...new Set(zones)].map((zone) => [zone, bucketAt(zone, 'day', now).start]));
  const rows = new Map<string, Rollup>();
  for (const start of new Set(starts.values())) {
    const found = await store
      .selectFrom('gateway')
      .innerJoin('rollup', 'rollup.gateway', 'gateway.name')
      .selectAll('rollup')
      .where('rollup.kind', '=', kind)
      .where('rollup.size', '=', 'day')
      .where('rollup.start_at', '=', start)
      .execute();
    for (const row of found) rows.set(`${row.start_at} ${row.gateway}/${row.camera}/${row.id}`, row);
  }
  return ({ gateway, camera, id, timeZone }) => {
    const row = rows.get(`${starts.get(timeZone) ?? 0} ${gateway}/${camera}/${id}`);
    return row === undefined ? emptySum() : sumOfRow(row);
  };
}

function sumOfRow(row: Rollup): Sum {
  return {
    ...emptySum(),
    ...{ in: row.in_count, out: row.out_count, stitched: row.stitched },
    ...{ observedMs: row.observed_ms, coveredMs: row.covered_ms, spread: row.spread > 0 },
    ...{ occupancyMax: row.occupancy_max, queueMax: row.queue_max },
    ...{ dwellMs: row.dwell_ms, dwellVisits: row.dwell_visits },
  };
}
