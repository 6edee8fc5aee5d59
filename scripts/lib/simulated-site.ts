import { DWELL_BOUNDS_MS, type CountRecord, type OutboxRecord, type ZoneRecord } from '@headcount/shared';

const MINUTE_MS = 60_000;
const MODEL_HASH = 'c6993467b6ffa101ed477a057ed1f4fe08437ad8976aea7d7bd44d80b51b7da7';

/** How much a simulated gateway counts. */
export interface SimulatedSiteOptions {
  readonly cameras: number;
  readonly linesPerCamera: number;
  /** UTC ms of the first minute. */
  readonly start: number;
}

/** Sums of what was counted; the same must come out at the other end. */
export interface Truth {
  in: number;
  out: number;
  entries: number;
  observedMs: number;
}

/**
 * What the cameras of a gateway write, minute by minute, without pictures: counts of every line and one zone a camera, a
 * host sample, now and then a camera that is lost and comes back. The same every time.
 */
export class SimulatedSite {
  private readonly options: SimulatedSiteOptions;
  private readonly totals = new Map<string, { in: number; out: number }>();
  private minute = 0;
  /** The same every time. */
  private readonly random = lehmer(1);
  readonly truth: Truth = { in: 0, out: 0, entries: 0, observedMs: 0 };

  constructor(options: SimulatedSiteOptions) {
    this.options = options;
  }

  /** UTC ms of the end of the last minute. */
  get now(): number {
    return this.options.start + this.minute * MINUTE_MS;
  }

  /** The records of so many minutes. */
  next(minutes: number): OutboxRecord[] {
    return Array.from({ length: minutes }, () => this.nextMinute()).flat();
  }

  private nextMinute(): OutboxRecord[] {
    const start = this.now;
    this.minute += 1;
    const records: OutboxRecord[] = [hostSample(this.now)];
    for (let index = 1; index <= this.options.cameras; index++) {
      const camera = `camera-${index}`;
      // Once in about a day and a half a camera is lost for a few seconds.
      const lost = this.random(2000) === 0 ? 7000 : 0;
      if (lost > 0) records.push(...outage(camera, start));
      for (let line = 1; line <= this.options.linesPerCamera; line++)
        records.push(this.count(camera, `line-${line}`, { start, lost }));
      records.push(this.zone(camera, { start, lost }));
    }
    return records;
  }

  private count(camera: string, line: string, { start, lost }: { start: number; lost: number }): CountRecord {
    const crossed = { in: this.random(12), out: this.random(12) };
    const totals = this.add(`${camera}/${line}`, crossed);
    this.truth.in += crossed.in;
    this.truth.out += crossed.out;
    this.truth.observedMs += MINUTE_MS - lost;
    return {
      kind: 'count',
      ...{ camera, line, ...crossed, stitched: 0, totals },
      ...timeOf(start, lost),
      occupancy: { min: 0, max: this.random(6), mean: this.random(600) / 173 },
    };
  }

  private zone(camera: string, { start, lost }: { start: number; lost: number }): ZoneRecord {
    const visits = { in: this.random(5), out: this.random(5) };
    const totals = this.add(`${camera}/till`, visits);
    this.truth.entries += visits.in;
    return {
      kind: 'zone',
      ...{ camera, zone: 'till', entries: visits.in, exits: visits.out },
      totals: { entries: totals.in, exits: totals.out },
      ...timeOf(start, lost),
      occupancy: { min: 0, max: this.random(9), mean: this.random(900) / 173 },
      queue: { max: this.random(5), mean: this.random(500) / 173 },
      dwell: {
        sumMs: visits.out * 41_300,
        buckets: [...DWELL_BOUNDS_MS, Infinity].map((_, index) => (index === 3 ? visits.out : 0)),
      },
    };
  }

  private add(key: string, crossed: { in: number; out: number }): { in: number; out: number } {
    const before = this.totals.get(key) ?? { in: 0, out: 0 };
    const after = { in: before.in + crossed.in, out: before.out + crossed.out };
    this.totals.set(key, after);
    return after;
  }
}

/** Whole numbers below a limit, the same for the same seed (Lehmer, minimal standard). */
export function lehmer(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => (state = (state * 48_271) % 2_147_483_647) % limit;
}

function timeOf(start: number, lost: number) {
  return {
    start,
    lengthMs: MINUTE_MS,
    observedMs: MINUTE_MS - lost,
    gaps: lost > 0 ? [{ reason: 'backoff' as const, ms: lost }] : [],
    suspect: [],
    configVersion: '99a07234e216',
    modelHash: MODEL_HASH,
  };
}

function outage(camera: string, at: number): OutboxRecord[] {
  return [
    { kind: 'camera', camera, state: 'backoff', cause: 'refused', at },
    { kind: 'camera', camera, state: 'connecting', cause: 'retry', at: at + 2000 },
    { kind: 'camera', camera, state: 'streaming', cause: 'first-frame', at: at + 7000 },
  ];
}

function hostSample(at: number): OutboxRecord {
  return {
    kind: 'host',
    at,
    cpuPercent: 41.5,
    load1: 1.2,
    memoryUsedBytes: 651_341_824,
    memoryTotalBytes: 4_294_967_296,
    diskUsedBytes: 9_651_341_824,
    diskTotalBytes: 31_268_536_320,
    networkRxBytesPerSecond: 3_100_000,
    networkTxBytesPerSecond: 2100,
    temperatureCelsius: 61.5,
    ...{ diskInodesUsed: 41_000, diskInodesTotal: 1_900_000, diskWearPercent: 4, diskFullInHours: null },
    ...{
      networkErrors: 0,
      throttled: false,
      clockSynchronised: true,
      clockOffsetMs: 0.4,
      eventLoopDelayMs: 12.5,
    },
    uptimeSeconds: 86_400,
    agentRssBytes: 219_402_240,
    outboxRecords: 3,
  };
}
