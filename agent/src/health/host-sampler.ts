import { uptime } from 'node:os';
import type { HostRecord } from '@headcount/shared';
import si from 'systeminformation';

/** What a sampler looks at. */
export interface HostSamplerOptions {
  /** Folder whose file system is reported. */
  readonly dataDir: string;
  readonly outboxWaiting: () => number;
  /** UTC ms. */
  readonly now: () => number;
}

/** A function that looks at the gateway's own health; a value that this host does not report is null. */
export function createHostSampler({
  dataDir,
  outboxWaiting,
  now,
}: HostSamplerOptions): () => Promise<HostRecord> {
  return async () => {
    const [load, memory, disks, networks, temperature] = await Promise.all([
      orNull(si.currentLoad()),
      orNull(si.mem()),
      orNull(si.fsSize()),
      orNull(si.networkStats()),
      orNull(si.cpuTemperature()),
    ]);
    const disk = diskOf(disks ?? [], dataDir);
    return {
      kind: 'host',
      at: now(),
      cpuPercent: Math.min(100, Math.max(0, load?.currentLoad ?? 0)),
      load1: load?.avgLoad ?? 0,
      memoryUsedBytes: memory?.active ?? 0,
      memoryTotalBytes: memory?.total ?? 0,
      diskUsedBytes: disk?.used ?? null,
      diskTotalBytes: disk?.size ?? null,
      networkRxBytesPerSecond: perSecond(networks, 'rx_sec'),
      networkTxBytesPerSecond: perSecond(networks, 'tx_sec'),
      temperatureCelsius: finite(temperature?.main),
      uptimeSeconds: uptime(),
      agentRssBytes: process.memoryUsage.rss(),
      outboxRecords: outboxWaiting(),
    };
  };
}

async function orNull<T>(part: Promise<T>): Promise<T | null> {
  try {
    return await part;
  } catch {
    // A value that this host cannot give is reported as null; the others still count.
    return null;
  }
}

/** The file system whose mount point is the longest prefix of the folder. */
function diskOf(
  disks: readonly si.Systeminformation.FsSizeData[],
  dataDir: string,
): si.Systeminformation.FsSizeData | undefined {
  return disks
    .filter(({ mount }) => dataDir === mount || dataDir.startsWith(mount.endsWith('/') ? mount : `${mount}/`))
    .sort((a, b) => b.mount.length - a.mount.length)[0];
}

/** The first call has nothing to compare with, and systeminformation then says null. */
function perSecond(
  networks: readonly si.Systeminformation.NetworkStatsData[] | null,
  key: 'rx_sec' | 'tx_sec',
): number | null {
  const [first] = networks ?? [];
  const value = finite(first?.[key]);
  return value === null ? null : Math.max(0, value);
}

function finite(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) ? value : null;
}
