import { intervalAt, type GapReason } from '@headcount/shared';
import { bucketAt, type Span } from '../counts/zone.js';
import { covers } from '../maintenance/covers.js';
import { windowsIn, type ScopedSpan } from '../maintenance/effect.js';
import { clipSpans, lengthOf, mergeSpans } from '../maintenance/spans.js';
import type { CameraAvailability } from '../schema/availability.js';
import type { Store } from '../store/store.js';
import { observedWithin, type Observed, type Source } from './in-windows.js';
import { availabilityOf, NO_TIME, timesOf, withMaintenance, type Times } from './times.js';

const HOUR_MS = 3_600_000;

/**
 * Availability of every camera in use over the days back from now, from the stored sums of its lines and zones, so that
 * late data corrects it. All of a camera tell the same time; the one that has been there longest is taken. Whole hours count:
 * the window begins with the hour that holds its first instant. Time within a maintenance window is maintenance, whatever
 * happened in it.
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
  // An hour more, for the hour that holds the first instant.
  const windows = await windowsIn(store, { start: from - HOUR_MS, end: now });
  const availabilities: CameraAvailability[] = [];
  for (const { timeZone, ...camera } of cameras) {
    const source = sources.get(`${camera.gateway}/${camera.id}`);
    const span = {
      start: Math.max(bucketAt(timeZone, 'hour', from).start, intervalAt(source?.firstAt ?? now).start),
      end: intervalAt(now).start,
    };
    const own = windows.filter((window) => covers(window, camera));
    const times =
      source === undefined
        ? NO_TIME
        : await timesIn(store, { source, span, windows: own, observed: observed.get(keyOf(source)) });
    availabilities.push({ ...camera, ...availabilityOf(times) });
  }
  return availabilities;
}

async function timesIn(
  store: Store,
  {
    source,
    span,
    windows,
    observed = { observedMs: 0, gaps: [] },
  }: { source: Source; span: Span; windows: readonly ScopedSpan[]; observed?: Observed | undefined },
): Promise<Times> {
  const all = timesOf(Math.max(0, span.end - span.start), observed.observedMs, observed.gaps);
  const spans = clipSpans(mergeSpans(windows), span);
  if (spans.length === 0) return all;
  const inside = await observedWithin(store, source, spans);
  return withMaintenance(all, timesOf(lengthOf(spans), inside.observedMs, inside.gaps));
}

const keyOf = ({ kind, gateway, camera, id }: Source) => `${kind} ${gateway}/${camera}/${id}`;

/** The line or zone of each camera that has been counted longest. */
async function eldestSources(store: Store): Promise<Map<string, Source & { firstAt: number }>> {
  const eldest = new Map<string, Source & { firstAt: number }>();
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
      eldest.set(`${gateway}/${camera}`, { kind, gateway, camera, id, firstAt });
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
  const midnight = Math.min(bucketAt(timeZone, 'day', from).end, now + 1);
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

function entryOf(observed: Map<string, Observed>, source: Source): Observed {
  const key = keyOf(source);
  const entry = observed.get(key) ?? { observedMs: 0, gaps: [] };
  observed.set(key, entry);
  return entry;
}
