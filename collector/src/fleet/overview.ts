import { hostRecordSchema, type CameraCause, type CameraState } from '@headcount/shared';
import { expressionBuilder } from 'kysely';
import type { Gateway } from '../schema/api.js';
import type { Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';

/** Body of a gateway's newest host sample, as a column of a query over gateways; null before the first. */
export function newestHostSample() {
  return expressionBuilder<Tables, 'gateway'>()
    .selectFrom('host_sample')
    .select('host_sample.body')
    .whereRef('host_sample.gateway', '=', 'gateway.name')
    .orderBy('host_sample.at', 'desc')
    .limit(1);
}

/** Every gateway, or the one that is named, with its newest host sample. */
export async function gatewayOverview(store: Store, name?: string): Promise<Gateway[]> {
  let query = store
    .selectFrom('gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .selectAll('gateway')
    .select('site.time_zone')
    .select((select) =>
      select
        .selectFrom('camera')
        .select((count) => count.fn.countAll<number>().as('cameras'))
        .whereRef('camera.gateway', '=', 'gateway.name')
        .where('camera.present', '=', 1)
        .as('cameras'),
    )
    .select(newestHostSample().as('host'))
    .select((select) =>
      select
        .selectFrom('gateway_certificate')
        .select((newest) => newest.fn.max<number | null>('expires_at').as('expires_at'))
        .whereRef('gateway_certificate.gateway', '=', 'gateway.name')
        .where('revoked_at', 'is', null)
        .as('certificate_expires_at'),
    )
    .orderBy('gateway.name');
  if (name !== undefined) query = query.where('gateway.name', '=', name);
  const rows = await query.execute();
  return rows.map((row) => ({
    name: row.name,
    site: { name: row.site, timeZone: row.time_zone },
    status: row.status,
    since: row.status_since,
    lastSeenAt: row.last_seen_at,
    version: row.version,
    cameras: row.cameras ?? 0,
    certificateExpiresAt: row.certificate_expires_at,
    host: row.host === null ? null : describeHost(row.host),
  }));
}

function describeHost(body: string): Gateway['host'] {
  const host = hostRecordSchema.parse(JSON.parse(body));
  const percent = (used: number, total: number) => Math.round((1000 * used) / total) / 10;
  const { diskUsedBytes, diskTotalBytes } = host;
  return {
    at: host.at,
    cpuPercent: Math.round(host.cpuPercent * 10) / 10,
    memoryPercent: host.memoryTotalBytes === 0 ? 0 : percent(host.memoryUsedBytes, host.memoryTotalBytes),
    diskPercent: diskUsedBytes === null || !diskTotalBytes ? null : percent(diskUsedBytes, diskTotalBytes),
    temperatureCelsius: host.temperatureCelsius,
    outboxRecords: host.outboxRecords,
  };
}

/** A camera of the fleet; its state is unknown while its gateway is not online. */
export interface CameraRow {
  readonly gateway: string;
  readonly id: string;
  readonly name: string;
  readonly site: string;
  readonly timeZone: string;
  readonly state: CameraState | 'unknown';
  readonly cause: CameraCause | null;
  readonly since: number | null;
  readonly lines: readonly {
    readonly id: string;
    readonly name: string;
    readonly first_at: number;
    readonly name_in: string;
    readonly name_out: string;
  }[];
}

/** Every camera that the last births named. */
export async function cameraOverview(store: Store): Promise<CameraRow[]> {
  const cameras = await store
    .selectFrom('camera')
    .innerJoin('gateway', 'gateway.name', 'camera.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .selectAll('camera')
    .select(['gateway.site', 'gateway.status', 'gateway.status_since', 'site.time_zone'])
    .where('camera.present', '=', 1)
    .orderBy('camera.gateway')
    .orderBy('camera.id')
    .execute();
  const lines = await store.selectFrom('line').selectAll().where('present', '=', 1).orderBy('id').execute();
  return cameras.map((row) => {
    const known = row.status === 'online' && row.state !== null;
    return {
      gateway: row.gateway,
      id: row.id,
      name: row.name,
      site: row.site,
      timeZone: row.time_zone,
      state: known ? (row.state as CameraState) : 'unknown',
      cause: known ? (row.cause as CameraCause) : null,
      since: known ? row.since : row.status_since,
      lines: lines.filter((line) => line.gateway === row.gateway && line.camera === row.id),
    };
  });
}

/** A zone of the fleet. */
export interface ZoneOverviewRow {
  readonly gateway: string;
  readonly camera: string;
  readonly id: string;
  readonly name: string;
  readonly capacity: number | null;
  readonly timeZone: string;
}

/** Every zone that the last births named. */
export async function zoneOverview(store: Store): Promise<ZoneOverviewRow[]> {
  return store
    .selectFrom('zone')
    .innerJoin('gateway', 'gateway.name', 'zone.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select([
      'zone.gateway',
      'zone.camera',
      'zone.id',
      'zone.name',
      'zone.capacity',
      'site.time_zone as timeZone',
    ])
    .where('zone.present', '=', 1)
    .orderBy('zone.gateway')
    .orderBy('zone.camera')
    .orderBy('zone.id')
    .execute();
}

/** How many cameras in use there are of each state. */
export async function camerasByState(store: Store): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of await cameraOverview(store)) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** How many gateways there are of each status. */
export async function gatewaysByStatus(store: Store): Promise<Record<string, number>> {
  const rows = await store
    .selectFrom('gateway')
    .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute();
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}
