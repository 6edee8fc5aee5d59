import type { HostRecord } from '@headcount/shared';
import { newestHostSample } from '../../fleet/overview.js';
import type { Store } from '../../store/store.js';
import { flag, MINUTE_MS, type Readings, type Sample, type SignalName, type Source } from '../signal.js';
import { gatewayAsset, SILENT_S } from './gateways.js';

const PERIOD_MS = 15_000;
/** A gateway samples its host every minute; after three that did not come its health is unknown. */
const FRESH_MS = 3 * MINUTE_MS;
/** Stands for a disk that does not fill (h). */
const NEVER_FULL_H = 10_000;

/** Values of one host sample; a signal that the host does not report is left out. */
export function hostValues(host: HostRecord, recordsPerMinute: number): Partial<Record<SignalName, number>> {
  const { memoryTotalBytes, diskUsedBytes, diskTotalBytes } = host;
  const values: Partial<Record<SignalName, number | null>> = {
    'host.cpu': host.cpuPercent,
    'host.throttled': typeof host.throttled === 'boolean' ? flag(host.throttled) : null,
    'host.temperature': host.temperatureCelsius,
    'host.memory': memoryTotalBytes === 0 ? null : (100 * host.memoryUsedBytes) / memoryTotalBytes,
    'host.disk-free':
      diskUsedBytes === null || !diskTotalBytes
        ? null
        : (100 * (diskTotalBytes - diskUsedBytes)) / diskTotalBytes,
    'host.disk-full-in': host.diskFullInHours ?? NEVER_FULL_H,
    'gateway.clock-offset':
      typeof host.clockOffsetMs === 'number' ? Math.abs(host.clockOffsetMs) / 1000 : null,
    'gateway.clock-unsynchronised':
      typeof host.clockSynchronised === 'boolean' ? flag(!host.clockSynchronised) : null,
    'gateway.backlog': host.outboxRecords / Math.max(1, recordsPerMinute),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null));
}

export const HOST_SIGNALS = [
  ...(['host.cpu', 'host.throttled', 'host.temperature', 'host.memory'] as const),
  ...(['host.disk-free', 'host.disk-full-in'] as const),
  ...(['gateway.clock-offset', 'gateway.clock-unsynchronised', 'gateway.backlog'] as const),
];

/** Health of the gateways' hosts by their newest samples. */
export const hostSource: Source = {
  signals: HOST_SIGNALS,
  periodMs: PERIOD_MS,
  async read(store, now) {
    const readings: Readings = Object.fromEntries(HOST_SIGNALS.map((name) => [name, [] as Sample[]]));
    const rates = await recordRates(store);
    for (const { body, last_seen_at, ...gateway } of await newestSamples(store)) {
      const asset = gatewayAsset(gateway);
      const host = body === null ? undefined : (JSON.parse(body) as HostRecord);
      // A backlog sends its newest sample last: while it is being sent, the host is not known.
      const heard = now - (last_seen_at ?? 0) <= SILENT_S * 1000;
      const known = host !== undefined && heard && now - host.at <= FRESH_MS;
      const values = host === undefined ? {} : hostValues(host, rates.get(gateway.name) ?? 1);
      for (const [signal, value] of Object.entries(values) as [SignalName, number][])
        readings[signal]?.push({ asset, value: known ? value : 'unknown' });
    }
    return readings;
  },
};

/** Records that a gateway makes in a minute: one of each line and zone, and its host sample. */
export async function recordRates(store: Store): Promise<Map<string, number>> {
  const rates = new Map<string, number>();
  for (const table of ['line', 'zone'] as const) {
    const rows = await store
      .selectFrom(table)
      .select(['gateway'])
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('present', '=', 1)
      .groupBy('gateway')
      .execute();
    for (const { gateway, count } of rows) rates.set(gateway, (rates.get(gateway) ?? 1) + count);
  }
  return rates;
}

async function newestSamples(store: Store) {
  return store
    .selectFrom('gateway')
    .select(['gateway.name', 'gateway.site', 'gateway.last_seen_at'])
    .select(newestHostSample().as('body'))
    .where('gateway.status', '<>', 'never-seen')
    .execute();
}
