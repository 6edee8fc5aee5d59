import { intervalAt, type GapReason } from '@headcount/shared';
import { bucketAt, bucketsOf, type Span } from '../counts/zone.js';
import type { CameraAvailability } from '../schema/availability.js';
import type { Store } from '../store/store.js';
import { availabilityOf, timesOf } from './times.js';

/** What was observed of a camera, and why not the rest. */
interface Observed {
  observedMs: number;
  readonly gaps: { readonly reason: GapReason; readonly ms: number }[];
}

/**
 * Availability of every camera in use over the days back from now, from the stored sums of its lines and zones, so that
 * late data corrects it. All of a camera tell the same time; the one that has been there longest is taken. Whole hours count:
 * the window begins with the hour that holds its first instant.
 */
export async function camerasAvailability(
  store: Store,
  { from, now }: { from: number; now: number },
): Promise<CameraAvailability[]> {
  const cameras = await store
    .selectFrom('camera')
    .innerJoin('gateway', 'gateway.name', 'camera.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select(['camera.gateway', 'camera.id', 'camera.name', 'gateway.site', 'site.time_zone as timeZone'])
    .where('camera.present', '=', 1)
    .orderBy('camera.gateway')
    .orderBy('camera.id')
    .execute();
  const sources = await eldestSources(store);
  const observed = new Map<string, Observed>();
  for (const zone of new Set(cameras.map(({ timeZone }) => timeZone)))
    for (const part of windowParts(zone, { from, now })) await addObserved(store, part, observed);
  return cameras.map(({ timeZone, ...camera }) => {
    const source = sources.get(`${camera.gateway}/${camera.id}`);
    if (source === undefined) return { ...camera, ...availabilityOf(timesOf(0, 0, [])) };
    const start = Math.max(bucketAt(timeZone, 'hour', from).start, intervalAt(source.firstAt).start);
    const { observedMs, gaps } = observed.get(source.key) ?? { observedMs: 0, gaps: [] };
    const expectedMs = Math.max(0, intervalAt(now).start - start);
    return { ...camera, ...availabilityOf(timesOf(expectedMs, observedMs, gaps)) };
  });
}

/** The line or zone of each camera that has been counted longest. */
async function eldestSources(store: Store): Promise<Map<string, { key: string; firstAt: number }>> {
  const eldest = new Map<string, { key: string; firstAt: number }>();
  for (const kind of ['line', 'zone'] as const) {
    const rows = await store
      .selectFrom(kind)
      .select(['gateway', 'camera', 'id', 'first_at as firstAt'])
      .where('present', '=', 1)
      .where('first_at', 'is not', null)
      .orderBy('id')
      .execute();
    for (const { gateway, camera, id, firstAt } of rows) {
      const known = eldest.get(`${gateway}/${camera}`);
      // A camera that has lines is judged by them.
      if (firstAt === null || (known !== undefined && (kind === 'zone' || known.firstAt <= firstAt)))
        continue;
      eldest.set(`${gateway}/${camera}`, { key: `${kind} ${gateway}/${camera}/${id}`, firstAt });
    }
  }
  return eldest;
}

/** A stretch of the window that whole stored sums cover. */
interface WindowPart extends Span {
  readonly timeZone: string;
  readonly size: 'hour' | 'day';
}

/** The hours of the first day, and the days after it. */
function windowParts(timeZone: string, { from, now }: { from: number; now: number }): WindowPart[] {
  const start = bucketAt(timeZone, 'hour', from).start;
  const [first] = bucketsOf(timeZone, 'day', { from, to: now });
  const midnight = Math.min(first?.end ?? now, now + 1);
  return [
    { timeZone, size: 'hour', start, end: midnight },
    { timeZone, size: 'day', start: midnight, end: now + 1 },
  ];
}

async function addObserved(store: Store, part: WindowPart, observed: Map<string, Observed>): Promise<void> {
  const { timeZone, size, start, end } = part;
  const gateways = store
    .selectFrom('gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select('gateway.name')
    .where('site.time_zone', '=', timeZone);
  const sums = await store
    .selectFrom('rollup')
    .select(['kind', 'gateway', 'camera', 'id'])
    .select(({ fn }) => fn.sum<number>('observed_ms').as('ms'))
    .where('kind', 'in', ['line', 'zone'])
    .where('size', '=', size)
    .where('gateway', 'in', gateways)
    .where('start_at', '>=', start)
    .where('start_at', '<', end)
    .groupBy(['kind', 'gateway', 'camera', 'id'])
    .execute();
  for (const row of sums) entryOf(observed, row).observedMs += row.ms;
  const gaps = await store
    .selectFrom('rollup_part')
    .select(['kind', 'gateway', 'camera', 'id', 'reason'])
    .select(({ fn }) => fn.sum<number>('ms').as('ms'))
    .where('kind', 'in', ['line', 'zone'])
    .where('size', '=', size)
    .where('gateway', 'in', gateways)
    .where('part', '=', 'gap')
    .where('start_at', '>=', start)
    .where('start_at', '<', end)
    .groupBy(['kind', 'gateway', 'camera', 'id', 'reason'])
    .execute();
  for (const row of gaps) entryOf(observed, row).gaps.push({ reason: row.reason as GapReason, ms: row.ms });
}

function entryOf(
  observed: Map<string, Observed>,
  { kind, gateway, camera, id }: { kind: string; gateway: string; camera: string; id: string },
): Observed {
  const key = `${kind} ${gateway}/${camera}/${id}`;
  const entry = observed.get(key) ?? { observedMs: 0, gaps: [] };
  observed.set(key, entry);
  return entry;
}
