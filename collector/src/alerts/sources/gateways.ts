import { isDrill } from '../../schema/drill-words.js';
import type { Store } from '../../store/store.js';
import { collectorPart, HOUR_MS, MINUTE_MS, type Asset, type Sample, type Source } from '../signal.js';

/** Silence after which a gateway is taken for offline: three heartbeats of 30 s; rule gateway-offline. */
export const SILENT_S = 90;
/** Gateways of a site that go silent within this time have gone together; rule site-uplink-down (ms). */
const TOGETHER_MS = 2 * MINUTE_MS;
const PERIOD_MS = 5000;

/** A gateway with the asset that stands for it. */
export interface GatewayRow {
  readonly name: string;
  readonly site: string;
  readonly status: string;
  readonly last_seen_at: number;
}

export function gatewayAsset({ site, name }: { site: string; name: string }): Asset {
  return { kind: 'gateway', path: `${site}/${name}`, name };
}

export function siteAsset(site: string): Asset {
  return { kind: 'site', path: site, name: site };
}

/** Gateways that have ever been here: one that was added and never came is nobody's alert. */
export async function gatewaysSeen(store: Store): Promise<GatewayRow[]> {
  const rows = await store
    .selectFrom('gateway')
    .select(['name', 'site', 'status', 'last_seen_at'])
    .where('status', '<>', 'never-seen')
    .where('last_seen_at', 'is not', null)
    .execute();
  return rows.map((row) => ({ ...row, last_seen_at: row.last_seen_at ?? 0 }));
}

/** How long gateways have been silent. A collector that has just started could not have heard them. */
export const gatewaySource: Source = {
  signals: ['gateway.silence', 'site.offline-share', 'ingest.silence'],
  periodMs: PERIOD_MS,
  async read(store, now, { startedAt }) {
    const gateways = await gatewaysSeen(store);
    const deaf = now - startedAt < SILENT_S * 1000;
    const silence = (at: number) => Math.max(0, now - at) / 1000;
    const sites = new Map<string, GatewayRow[]>();
    for (const gateway of gateways) sites.set(gateway.site, [...(sites.get(gateway.site) ?? []), gateway]);
    // Those that said goodbye are not expected to say anything; those of a drill say nothing of the collector.
    const expected = gateways.filter(({ status, site }) => status !== 'stopped' && !isDrill(site));
    const newest = expected.reduce((last, { last_seen_at }) => Math.max(last, last_seen_at), 0);
    const known = (value: number) => (deaf && value > 0 ? 'unknown' : value);
    return {
      'gateway.silence': gateways.map((gateway) => ({
        asset: gatewayAsset(gateway),
        value: deaf && silence(gateway.last_seen_at) > SILENT_S ? 'unknown' : silence(gateway.last_seen_at),
      })),
      'site.offline-share': [...sites].map(([site, all]) => ({
        asset: siteAsset(site),
        value: known((100 * goneTogether(all, now)) / all.length),
        samples: all.length,
      })),
      'ingest.silence':
        expected.length === 0
          ? []
          : [
              {
                asset: collectorPart('ingest', 'Ingest'),
                value: deaf && silence(newest) > SILENT_S ? 'unknown' : silence(newest),
              },
            ],
    };
  },
};

/** The most gateways that are silent and fell silent within two minutes of each other. */
function goneTogether(gateways: readonly GatewayRow[], now: number): number {
  const silent = gateways
    .map(({ last_seen_at }) => last_seen_at)
    .filter((at) => now - at > SILENT_S * 1000)
    .sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [index, at] of silent.entries()) {
    while (at - (silent[first] ?? at) > TOGETHER_MS) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** How often gateways log in at this collector. */
export const connectSource: Source = {
  signals: ['gateway.connects'],
  periodMs: MINUTE_MS,
  async read(store, now, own) {
    const gateways = await gatewaysSeen(store);
    const names = gateways.map(({ name }) => name);
    const counts = own.connectsPerHour(names, now);
    // After a start everybody logs in once: that one is not counted.
    const allowance = now - own.startedAt < HOUR_MS ? 1 : 0;
    return {
      'gateway.connects': gateways.map((gateway): Sample => ({
        asset: gatewayAsset(gateway),
        value: Math.max(0, (counts.get(gateway.name) ?? 0) - allowance),
      })),
    };
  },
};
