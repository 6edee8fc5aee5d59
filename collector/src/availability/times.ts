import type { Gap } from '@headcount/shared';

/** How a camera's time divides; ms. */
export interface Times {
  readonly goodMs: number;
  readonly badMs: number;
  /** Nobody can say: nothing was received, or the agent itself did not run. */
  readonly unknownMs: number;
  /** Switched off on purpose, or within a maintenance window. */
  readonly maintenanceMs: number;
}

/** Times with what they say. */
export interface Availability extends Times {
  /** good / (good + bad): neither a switched-off camera nor blind time can flatter it; null while both are 0. */
  readonly availability: number | null;
  /** (good + bad) / all: how much of the time is known; null while there is none. */
  readonly coverage: number | null;
}

/** What a reason says about the camera. A gateway too busy to look at a picture has it: the camera is up. */
const MEANING: Readonly<Record<Gap['reason'], keyof Times>> = {
  overload: 'goodMs',
  connecting: 'badMs',
  stalled: 'badMs',
  backoff: 'badMs',
  disabled: 'maintenanceMs',
  starting: 'unknownMs',
  'agent-stopped': 'unknownMs',
  'agent-killed': 'unknownMs',
  'clock-step': 'unknownMs',
};

export const NO_TIME: Times = { goodMs: 0, badMs: 0, unknownMs: 0, maintenanceMs: 0 };

/**
 * Divide a stretch of time.
 * @param expectedMs all of it; what is neither observed nor explained is unknown
 */
export function timesOf(expectedMs: number, observedMs: number, gaps: readonly Gap[]): Times {
  const times = { ...NO_TIME, goodMs: observedMs };
  for (const { reason, ms } of gaps) times[MEANING[reason]] += ms;
  const covered = times.goodMs + times.badMs + times.unknownMs + times.maintenanceMs;
  return { ...times, unknownMs: times.unknownMs + Math.max(0, expectedMs - covered) };
}

/**
 * Times in which all that happened within maintenance windows is maintenance.
 * @param inside how the time within the windows divides, which is part of `all`
 */
export function withMaintenance(all: Times, inside: Times): Times {
  // Shares of long intervals are rounded, so that a difference may be a millisecond below nothing.
  const outside = (key: keyof Times) => Math.max(0, all[key] - inside[key]);
  const [goodMs, badMs, unknownMs] = [outside('goodMs'), outside('badMs'), outside('unknownMs')];
  const total = all.goodMs + all.badMs + all.unknownMs + all.maintenanceMs;
  return { goodMs, badMs, unknownMs, maintenanceMs: total - goodMs - badMs - unknownMs };
}

/** The times of several cameras together, as of one. */
export function sumOf(all: readonly Times[]): Times {
  const sum = { ...NO_TIME };
  for (const one of all) for (const key of Object.keys(sum) as (keyof Times)[]) sum[key] += one[key];
  return sum;
}

export function availabilityOf(times: Times): Availability {
  const { goodMs, badMs, unknownMs, maintenanceMs } = times;
  const known = goodMs + badMs;
  const all = known + unknownMs + maintenanceMs;
  return {
    ...{ goodMs, badMs, unknownMs, maintenanceMs },
    availability: known === 0 ? null : goodMs / known,
    coverage: all === 0 ? null : known / all,
  };
}
