import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hostRecordSchema } from '@headcount/shared';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wearOf } from '../src/health/disk.js';
import { EventLoopDelay } from '../src/health/event-loop.js';
import { temperature, throttling, wasThrottled } from '../src/health/heat.js';
import { HostSampler } from '../src/health/host-sampler.js';
import { networkCounters, networkRates } from '../src/health/network.js';
import { readClock } from '../src/health/time-service.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'headcount-health-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** A kernel's files as boards have them that this test does not run on. */
function board(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${text}\n`);
  }
}

/** The tools that the PATH holds, each of which prints this text. */
function tools(texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(root, name), `#!/bin/sh\necho '${text}'\n`);
    chmodSync(join(root, name), 0o755);
  }
  vi.stubEnv('PATH', root);
}

describe('a sample of this host', () => {
  it('fits the contract and knows what every Linux tells', async () => {
    let at = 0;
    const sampler = new HostSampler({
      dataDir: root,
      outboxWaiting: () => 4,
      clock: () => ({ synchronised: true, offsetMs: -3 }),
      now: () => Date.UTC(2026, 10, 24),
      monotonic: () => at,
    });
    sampler.start();
    const first = await sampler.sample();
    at += 60_000;
    const second = await sampler.sample();
    sampler.stop();
    sampler.stop();
    expect(hostRecordSchema.parse(second)).toEqual(second);
    expect(first.networkRxBytesPerSecond).toBeNull();
    expect(second).toMatchObject({ outboxRecords: 4, clockSynchronised: true, clockOffsetMs: -3 });
    expect(second.memoryUsedBytes).toBeLessThan(second.memoryTotalBytes);
    expect(second.diskTotalBytes).toBeGreaterThan(second.diskUsedBytes ?? Infinity);
    expect(second.agentRssBytes).toBeGreaterThan(10e6);
  });

  it('is null where the host tells nothing', async () => {
    tools({});
    const sampler = new HostSampler({
      dataDir: join(root, 'nowhere'),
      outboxWaiting: () => 0,
      clock: () => ({ synchronised: null, offsetMs: null }),
      now: () => 0,
      monotonic: () => 0,
      root,
    });
    expect(await sampler.sample()).toMatchObject({
      diskUsedBytes: null,
      diskInodesTotal: null,
      diskWearPercent: null,
      diskFullInHours: null,
      networkErrors: null,
      temperatureCelsius: null,
      throttled: null,
      clockSynchronised: null,
      clockOffsetMs: null,
      eventLoopDelayMs: null,
    });
  });

  it('shows an event loop that was blocked, once', async () => {
    const loop = new EventLoopDelay();
    loop.start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const end = performance.now() + 200;
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(loop.take()).toBeGreaterThan(150);
    expect(loop.take()).toBeNull();
    loop.stop();
  });
});

describe('the kernel’s files of other boards', () => {
  it('tell heat and throttling of a Raspberry Pi', async () => {
    board({
      'sys/class/thermal/thermal_zone0/type': 'cpu-thermal',
      'sys/class/thermal/thermal_zone0/temp': '82500',
      'sys/devices/platform/soc/soc:firmware/get_throttled': '50005',
    });
    expect(await temperature(root)).toBe(82.5);
    expect(wasThrottled(null, await throttling(root))).toBe(true);
    // It was throttled since the boot, and is no longer.
    board({ 'sys/devices/platform/soc/soc:firmware/get_throttled': '50000' });
    expect(wasThrottled(null, await throttling(root))).toBe(false);
  });

  it('tell heat and throttling of a PC', async () => {
    const count = 'sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count';
    board({
      'sys/class/hwmon/hwmon0/name': 'nvme',
      'sys/class/hwmon/hwmon0/temp1_input': '99000',
      'sys/class/hwmon/hwmon1/name': 'coretemp',
      'sys/class/hwmon/hwmon1/temp1_input': '57000',
      [count]: '7',
    });
    expect(await temperature(root)).toBe(57);
    const before = await throttling(root);
    expect(wasThrottled(null, before)).toBeNull();
    expect(wasThrottled(before, await throttling(root))).toBe(false);
    board({ [count]: '8' });
    expect(wasThrottled(before, await throttling(root))).toBe(true);
  });

  it('tell that the kernel cools by lower frequencies', async () => {
    const cooling = 'sys/class/thermal/cooling_device0';
    board({ [`${cooling}/type`]: 'cpufreq-cpu0', [`${cooling}/cur_state`]: '0' });
    expect(wasThrottled(null, await throttling(root))).toBe(false);
    board({ [`${cooling}/cur_state`]: '2' });
    expect(wasThrottled(null, await throttling(root))).toBe(true);
  });

  it('tell the wear of an eMMC also by its partition', async () => {
    board({ 'mmcblk0/device/life_time': '0x02 0x0b', 'mmcblk0/mmcblk0p2/partition': '2' });
    expect(await wearOf(join(root, 'mmcblk0'))).toBe(110);
    expect(await wearOf(join(root, 'mmcblk0/mmcblk0p2'))).toBe(110);
    board({ 'mmcblk0/device/life_time': '0x00 0x00' });
    expect(await wearOf(join(root, 'mmcblk0'))).toBeNull();
  });

  it('tell the traffic of the default route, in rates only of one interface', async () => {
    const route = (name: string, destination: string, metric: number) =>
      `${name}\t${destination}\t010200C0\t0003\t0\t0\t${metric}\t${destination}\t0\t0\t0`;
    const statistics = (name: string, rx: number) => ({
      [`sys/class/net/${name}/statistics/rx_bytes`]: String(rx),
      [`sys/class/net/${name}/statistics/tx_bytes`]: '50',
      [`sys/class/net/${name}/statistics/rx_errors`]: '2',
      [`sys/class/net/${name}/statistics/tx_errors`]: '1',
    });
    const routes = [
      route('br0', '000200C0', 0),
      route('wwan0', '00000000', 700),
      route('eth0', '00000000', 100),
    ];
    board({ 'proc/net/route': ['Iface', ...routes].join('\n'), ...statistics('eth0', 1000) });
    const before = await networkCounters(root);
    expect(before).toEqual({ name: 'eth0', rxBytes: 1000, txBytes: 50, errors: 3 });
    board(statistics('eth0', 7000));
    const after = await networkCounters(root);
    expect(networkRates(before, after, 60)).toEqual({ rx: 100, tx: 0 });
    expect(networkRates(after, before, 60)).toBeNull();
    expect(networkRates(before, after && { ...after, name: 'wwan0' }, 60)).toBeNull();
  });
});

describe('the clock', () => {
  const ask = () => readClock(root, new AbortController().signal);

  it('follows timesyncd where it runs', async () => {
    tools({ timedatectl: '       Offset: -1.456ms' });
    board({ 'run/systemd/timesync/clock': '' });
    expect(await ask()).toEqual({ synchronised: false, offsetMs: -1.456 });
    board({ 'run/systemd/timesync/synchronized': '' });
    expect(await ask()).toEqual({ synchronised: true, offsetMs: -1.456 });
  });

  it('follows chrony, and else the flag of the kernel', async () => {
    tools({ timedatectl: 'NTPSynchronized=yes' });
    expect(await ask()).toEqual({ synchronised: true, offsetMs: null });
    tools({ chronyc: 'C0000201,192.0.2.1,2,1.5,-0.0025,0,0,0,0,0,0,0,64.2,Normal' });
    expect(await ask()).toEqual({ synchronised: true, offsetMs: -2.5 });
  });

  it('is not waited for when the agent stops', async () => {
    tools({ chronyc: '', timedatectl: '' });
    expect(await readClock(root, AbortSignal.abort())).toEqual({ synchronised: null, offsetMs: null });
  });
});
