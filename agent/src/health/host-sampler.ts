import { uptime } from 'node:os';
import type { HostRecord } from '@headcount/shared';
import si from 'systeminformation';
import { DiskTrend } from './disk-trend.js';
import { diskUse, diskWear } from './disk.js';
import { EventLoopDelay } from './event-loop.js';
import { temperature, throttling, wasThrottled, type Throttling } from './heat.js';
import { networkCounters, networkRates, type NetworkCounters } from './network.js';
import type { ClockState } from './time-service.js';

/** What a sampler looks at. */
export interface HostSamplerOptions {
  /** Folder whose file system is reported. */
  readonly dataDir: string;
  readonly outboxWaiting: () => number;
  /** How the clock stands. */
  readonly clock: () => ClockState;
  /** UTC ms. */
  readonly now: () => number;
  /** Monotonic ms. */
  readonly monotonic: () => number;
  /** Folder that holds /proc, /sys and /run; empty for those of this host. */
  readonly root?: string;
}

/** Figures that only mean something beside those of the sample before. */
interface Before {
  readonly at: number;
  readonly network: NetworkCounters | null;
  readonly throttling: Throttling;
}

/**
 * Looks at the gateway's own health; a value that this host does not report is null. Processor and memory come from
 * systeminformation. Its calls for disks, network and temperature start processes, which costs more than all the rest
 * (`npm run bench -- health`), so these are read from the kernel here.
 */
export class HostSampler {
  private readonly options: HostSamplerOptions;
  private readonly loop = new EventLoopDelay();
  private readonly trend = new DiskTrend();
  private before: Before | null = null;

  constructor(options: HostSamplerOptions) {
    this.options = options;
  }

  /** Begin to watch the event loop. */
  start(): void {
    this.loop.start();
  }

  /** End. */
  stop(): void {
    this.loop.stop();
  }

  /** Take one sample. */
  async sample(): Promise<HostRecord> {
    const { dataDir, outboxWaiting, clock, now, root = '' } = this.options;
    const [load, memory, disk, network, heat] = await Promise.all([
      orNull(si.currentLoad()),
      orNull(si.mem()),
      this.disk(dataDir, root),
      this.sinceLast(root),
      temperature(root),
    ]);
    return {
      kind: 'host',
      at: now(),
      cpuPercent: Math.min(100, Math.max(0, load?.currentLoad ?? 0)),
      load1: load?.avgLoad ?? 0,
      memoryUsedBytes: memory?.active ?? 0,
      memoryTotalBytes: memory?.total ?? 0,
      ...disk,
      ...network,
      temperatureCelsius: heat,
      uptimeSeconds: uptime(),
      agentRssBytes: process.memoryUsage.rss(),
      outboxRecords: outboxWaiting(),
      clockSynchronised: clock().synchronised,
      clockOffsetMs: clock().offsetMs,
      eventLoopDelayMs: this.loop.take(),
    };
  }

  private async disk(dataDir: string, root: string) {
    const [use, wear] = await Promise.all([diskUse(dataDir), diskWear(dataDir, root)]);
    if (use !== null) this.trend.add(this.options.monotonic(), use.usedBytes);
    return {
      diskUsedBytes: use?.usedBytes ?? null,
      diskTotalBytes: use?.totalBytes ?? null,
      diskInodesUsed: use?.inodesUsed ?? null,
      diskInodesTotal: use?.inodesTotal ?? null,
      diskWearPercent: wear,
      diskFullInHours: use === null ? null : this.trend.hoursUntilFull(use.totalBytes - use.usedBytes),
    };
  }

  private async sinceLast(root: string) {
    const [network, throttled] = await Promise.all([networkCounters(root), throttling(root)]);
    const { before } = this;
    const at = this.options.monotonic();
    this.before = { at, network, throttling: throttled };
    const rates = networkRates(before?.network ?? null, network, (at - (before?.at ?? at)) / 1000);
    return {
      networkRxBytesPerSecond: rates?.rx ?? null,
      networkTxBytesPerSecond: rates?.tx ?? null,
      networkErrors: network?.errors ?? null,
      throttled: wasThrottled(before?.throttling ?? null, throttled),
    };
  }
}

async function orNull<T>(part: Promise<T>): Promise<T | null> {
  try {
    return await part;
  } catch {
    // A value that this host cannot give is reported as null; the others still count.
    return null;
  }
}
