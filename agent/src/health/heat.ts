import { entriesOf, readNumber, readText } from './read-system.js';

/** Names that drivers give to the sensors of a processor (thermal zones and hwmon). */
const CPU_SENSOR = /x86_pkg_temp|cpu|soc|coretemp|k10temp|zenpower/i;
/** Bits 0 to 3 of the Raspberry Pi firmware: under-voltage, frequency capped, throttled, soft limit of temperature. */
const PI_NOW = 0xf;

/** Temperature of the processor in °C, the hottest of its sensors; null where no sensor is one of a processor. */
export async function temperature(root: string): Promise<number | null> {
  const zones = (await entriesOf(`${root}/sys/class/thermal`, /^thermal_zone\d+$/)).map(
    (folder) => [`${folder}/type`, `${folder}/temp`] as const,
  );
  const monitors = (await entriesOf(`${root}/sys/class/hwmon`, /^hwmon\d+$/)).map(
    (folder) => [`${folder}/name`, `${folder}/temp1_input`] as const,
  );
  const millis = await Promise.all(
    [...zones, ...monitors].map(async ([name, value]) =>
      CPU_SENSOR.test((await readText(name)) ?? '') ? readNumber(value) : null,
    ),
  );
  const known = millis.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known) / 1000;
}

/** What tells that a processor is slowed down; null for what this host does not have. */
export interface Throttling {
  /** Slowed down at this moment. */
  readonly now: boolean | null;
  /** How often since the boot (x86). */
  readonly events: number | null;
}

/** Read every source of throttling that Linux has: counters of x86, firmware of the Raspberry Pi, cooling by frequency. */
export async function throttling(root: string): Promise<Throttling> {
  const [events, firmware, cooling] = await Promise.all([
    throttleEvents(root),
    readText(`${root}/sys/devices/platform/soc/soc:firmware/get_throttled`),
    coolingStates(root),
  ]);
  // The file holds hexadecimal digits without 0x.
  const flags = firmware === null ? NaN : Number.parseInt(firmware, 16);
  const signs = [
    ...(Number.isNaN(flags) ? [] : [(flags & PI_NOW) !== 0]),
    ...cooling.map((state) => state > 0),
  ];
  return { now: signs.length === 0 ? null : signs.includes(true), events };
}

/** Whether the processor was slowed down at any time between two readings; null where nothing tells. */
export function wasThrottled(before: Throttling | null, after: Throttling): boolean | null {
  const more = after.events === null || before === null ? null : after.events > (before.events ?? 0);
  return after.now === null ? more : after.now || more === true;
}

async function throttleEvents(root: string): Promise<number | null> {
  const cores = await entriesOf(`${root}/sys/devices/system/cpu`, /^cpu\d+$/);
  const counts = await Promise.all(
    cores.flatMap((core) =>
      ['core', 'package'].map((part) => readNumber(`${core}/thermal_throttle/${part}_throttle_count`)),
    ),
  );
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0);
}

/** Steps by which the kernel holds frequencies down because of heat; 0 is full speed. */
async function coolingStates(root: string): Promise<number[]> {
  const devices = await entriesOf(`${root}/sys/class/thermal`, /^cooling_device\d+$/);
  const states = await Promise.all(
    devices.map(async (folder) =>
      /cpufreq/i.test((await readText(`${folder}/type`)) ?? '') ? readNumber(`${folder}/cur_state`) : null,
    ),
  );
  return states.filter((state) => state !== null);
}
