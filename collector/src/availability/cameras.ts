import { setImmediate } from 'node:timers/promises';
import { intervalAt, type Gap } from '@headcount/shared';
import { sql } from 'kysely';
import type { Span } from '../counts/zone.js';
import type { CameraAvailability } from '../schema/availability.js';
import type { Store } from '../store/store.js';
import { availabilityOf, timesOf, type Times } from './times.js';

interface Camera {
  readonly gateway: string;
  readonly id: string;
}

/** What the intervals of a camera say; `firstAt` is when it was first heard of (UTC ms). */
interface Observed {
  readonly firstAt: number;
  readonly observedMs: number;
  readonly gaps: readonly Gap[];
}

/**
 * Availability of every camera in use over a span, from its intervals: each says how much of it was observed and why the
 * rest was not, so late data corrects it and no time is told twice. All lines and zones of a camera tell the same, so one
 * of them is read.
 */
export async function camerasAvailability(
  store: Store,
  span: Span,
  now: number,
): Promise<CameraAvailability[]> {
  const cameras = await store
    .selectFrom('camera')
    .innerJoin('gateway', 'gateway.name', 'camera.gateway')
    .select(['camera.gateway', 'camera.id', 'camera.name', 'gateway.site'])
    .where('camera.present', '=', 1)
    .orderBy('camera.gateway')
    .orderBy('camera.id')
    .execute();
  const found: CameraAvailability[] = [];
  for (const camera of cameras) {
    found.push({ ...camera, ...availabilityOf(await timesOfCamera(store, camera, span, now)) });
    // SQLite works in this thread: gateways and other pages get their turn between two cameras.
    await setImmediate();
  }
  return found;
}

async function timesOfCamera(store: Store, camera: Camera, span: Span, now: number): Promise<Times> {
  const observed = (await fromLine(store, camera, span)) ?? (await fromZone(store, camera, span));
  if (observed === undefined) return timesOf(0, 0, []);
  const from = intervalAt(Math.max(span.start, observed.firstAt)).start;
  const expectedMs = Math.max(0, Math.min(span.end, intervalAt(now).start) - from);
  return timesOf(expectedMs, observed.observedMs, observed.gaps);
}

async function fromLine(store: Store, { gateway, id }: Camera, span: Span): Promise<Observed | undefined> {
  const line = await store
    .selectFrom('line')
    .select(['id', 'first_at as firstAt'])
    .where('gateway', '=', gateway)
    .where('camera', '=', id)
    .where('present', '=', 1)
    .orderBy('first_at')
    .limit(1)
    .executeTakeFirst();
  if (line === undefined) return undefined;
  const intervals = store
    .selectFrom('count_interval')
    .where('gateway', '=', gateway)
    .where('camera', '=', id)
    .where('line', '=', line.id)
    .where('start_at', '>=', span.start)
    .where('start_at', '<', span.end);
  const sum = await intervals
    .select(({ fn }) => fn.sum<number | null>('observed_ms').as('observedMs'))
    .executeTakeFirst();
  const broken = await intervals
    .select('gaps')
    // The index knows both sides, so that only intervals with a gap are read from the table.
    .where(sql<boolean>`observed_ms < end_at - start_at`)
    .execute();
  const gaps = broken.flatMap((row) => JSON.parse(row.gaps) as Gap[]);
  return { firstAt: line.firstAt, observedMs: sum?.observedMs ?? 0, gaps };
}

/** For a camera that has zones only. */
async function fromZone(store: Store, { gateway, id }: Camera, span: Span): Promise<Observed | undefined> {
  const zone = await store
    .selectFrom('zone_interval')
    .select(({ fn }) => ['zone', fn.min<number>('start_at').as('firstAt')])
    .where('gateway', '=', gateway)
    .where('camera', '=', id)
    .groupBy('zone')
    .orderBy('firstAt')
    .limit(1)
    .executeTakeFirst();
  if (zone === undefined) return undefined;
  const rows = await store
    .selectFrom('zone_interval')
    .select(['observed_ms as observedMs', 'body'])
    .where('gateway', '=', gateway)
    .where('camera', '=', id)
    .where('zone', '=', zone.zone)
    .where('start_at', '>=', span.start)
    .where('start_at', '<', span.end)
    .execute();
  return {
    firstAt: zone.firstAt,
    observedMs: rows.reduce((sum, row) => sum + row.observedMs, 0),
    gaps: rows.flatMap((row) => (JSON.parse(row.body) as { gaps: Gap[] }).gaps),
  };
}
