import type { HostRecord } from '@headcount/shared';
import { Gauge, type Registry } from 'prom-client';

/** Name below `headcount_host_`, what it is, and its value in a sample; in base units, as Prometheus wants them. */
const FIGURES: readonly (readonly [string, string, (host: HostRecord) => number | boolean | null])[] = [
  ['cpu_ratio', 'Busy share of all cores', (host) => host.cpuPercent / 100],
  ['load1', 'Load average of one minute', (host) => host.load1],
  ['memory_used_bytes', 'Memory in use', (host) => host.memoryUsedBytes],
  ['memory_total_bytes', 'Memory of the host', (host) => host.memoryTotalBytes],
  ['disk_used_bytes', 'Used part of the data folder’s file system', (host) => host.diskUsedBytes],
  ['disk_total_bytes', 'Size of the data folder’s file system', (host) => host.diskTotalBytes],
  ['disk_inodes_used', 'Inodes in use', (host) => host.diskInodesUsed],
  ['disk_inodes_total', 'Inodes of the file system', (host) => host.diskInodesTotal],
  ['disk_wear_ratio', 'Used part of the storage’s life', (host) => scaled(host.diskWearPercent, 0.01)],
  ['disk_full_in_seconds', 'Time until the disk is full', (host) => scaled(host.diskFullInHours, 3600)],
  ['network_receive_bytes_per_second', 'Bytes received', (host) => host.networkRxBytesPerSecond],
  ['network_transmit_bytes_per_second', 'Bytes sent', (host) => host.networkTxBytesPerSecond],
  ['network_errors', 'Errors of the interface since its start', (host) => host.networkErrors],
  ['temperature_celsius', 'Temperature of the processor', (host) => host.temperatureCelsius],
  ['throttled', '1 while heat or low voltage slows the processor', (host) => host.throttled],
  ['uptime_seconds', 'Time since the boot', (host) => host.uptimeSeconds],
  ['clock_synchronised', '1 once a time server has set the clock', (host) => host.clockSynchronised],
  ['clock_offset_seconds', 'Distance to the time server', (host) => scaled(host.clockOffsetMs, 0.001)],
  ['event_loop_delay_seconds', '99th percentile', (host) => scaled(host.eventLoopDelayMs, 0.001)],
];

/** Gauges of the host; the answer sets them from a sample. What the host does not report has no sample, never a zero. */
export function hostMetrics(registry: Registry): (host: HostRecord | null) => void {
  const gauges = FIGURES.map(
    ([name, help, of]) =>
      [new Gauge({ registers: [registry], name: `headcount_host_${name}`, help }), of] as const,
  );
  return (host) => {
    for (const [gauge, of] of gauges) {
      const value = host === null ? null : of(host);
      if (value === null) gauge.remove();
      else gauge.set(Number(value));
    }
  };
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}
