import type { ZoneToday } from '../schema/api.js';
import type { Store } from '../store/store.js';
import { startOfDay } from './zone.js';

/** Every zone that is in use, with the numbers of its site day so far. */
export async function zonesToday(store: Store, now: number): Promise<ZoneToday[]> {
  const zones = await store
    .selectFrom('zone')
    .innerJoin('gateway', 'gateway.name', 'zone.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .selectAll('zone')
    .select('site.time_zone')
    .where('zone.present', '=', 1)
    .orderBy('zone.gateway')
    .orderBy('zone.camera')
    .orderBy('zone.id')
    .execute();
  return Promise.all(
    zones.map(async ({ gateway, camera, id, name, capacity, time_zone: timeZone }) => {
      const from = startOfDay(timeZone, now);
      const sums = await sumOf(store, { gateway, camera, zone: id, from });
      const { visits, dwellMs, ...rest } = sums;
      const meanDwellMs = visits === 0 ? null : Math.round(dwellMs / visits);
      return { gateway, camera, id, name, capacity, from, ...rest, meanDwellMs };
    }),
  );
}

async function sumOf(
  store: Store,
  { gateway, camera, zone, from }: { gateway: string; camera: string; zone: string; from: number },
) {
  const row = await store
    .selectFrom('zone_interval')
    .select(({ fn }) => [
      fn.sum<number | null>('entries').as('entries'),
      fn.sum<number | null>('exits').as('exits'),
      fn.max('occupancy_max').as('occupancyMax'),
      fn.max('queue_max').as('queueMax'),
      fn.sum<number | null>('dwell_ms').as('dwellMs'),
      fn.sum<number | null>('dwell_visits').as('visits'),
      fn.sum<number | null>('observed_ms').as('observedMs'),
    ])
    .where('gateway', '=', gateway)
    .where('camera', '=', camera)
    .where('zone', '=', zone)
    .where('start_at', '>=', from)
    .executeTakeFirst();
  return {
    entries: row?.entries ?? 0,
    exits: row?.exits ?? 0,
    occupancyMax: row?.occupancyMax ?? null,
    queueMax: row?.queueMax ?? null,
    dwellMs: row?.dwellMs ?? 0,
    visits: row?.visits ?? 0,
    observedMs: row?.observedMs ?? 0,
  };
}
