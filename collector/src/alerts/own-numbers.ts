/** Numbers of this collector that no table holds. Times are UTC ms. */

/** As counted since the collector's start, at one moment. */
export interface OwnCounters {
  /** Answers of the API, those that were the collector's fault (5xx), those slower than 500 ms, and all of their time (s). */
  readonly requests: number;
  readonly failed: number;
  readonly slow: number;
  readonly requestSeconds: number;
  /** Statements that write, and those of them slower than 100 ms. */
  readonly writes: number;
  readonly slowWrites: number;
  /** Connections of gateways that the broker ended because they read nothing. */
  readonly slowConsumers: number;
  /** What gateways tried at the broker and may not, after they had proved their names. */
  readonly denials: number;
}

/** What only the running collector knows. */
export interface OwnReading extends OwnCounters {
  readonly brokerProblem: string | undefined;
  /** Of the messages that the broker may hand on at a time, those under way (share). */
  readonly inFlight: number;
  /** The most wrong logins at the broker of one address in the last five minutes. */
  readonly wrongLogins: number;
  /** 99th percentile since the reading before (ms). */
  readonly loopDelayMs: number;
  /** Of the disk that holds the data (share). */
  readonly diskFree: number;
  /** Bytes of SQLite's write-ahead log; undefined for PostgreSQL. */
  readonly walBytes: number | undefined;
  /** Since when the watcher elsewhere could not be told that pages go out (ms); undefined where there is none. */
  readonly watcherSilenceMs: number | 'unknown' | undefined;
}

const HOUR_MS = 3_600_000;
/** The longest window that anybody asks for. */
const LONGEST_MS = 6 * HOUR_MS;
/** Readings are kept at most so often. */
const KEEP_EVERY_MS = 60_000;
/** Connects are kept for the last hour in steps of this. */
const CONNECTS_EVERY_MS = 300_000;

/** Of a collector that has just started. */
export const NOTHING_COUNTED: OwnCounters = {
  ...{ requests: 0, failed: 0, slow: 0, requestSeconds: 0, writes: 0, slowWrites: 0 },
  ...{ slowConsumers: 0, denials: 0 },
};

/** What the broker knows of it. */
export type BrokerReading = Pick<OwnReading, 'slowConsumers' | 'denials' | 'wrongLogins' | 'inFlight'>;

/** What the numbers come from. */
export interface OwnSources {
  readonly read: () => Promise<OwnReading>;
  /** Logins of a gateway at this collector since its start. */
  readonly connects: (gateway: string) => number;
}

/** Remembers what this collector counted in the last hours, so that windows can be asked for. A new start begins at nothing. */
export class OwnNumbers {
  readonly startedAt: number;
  private readonly sources: OwnSources;
  private kept: { readonly at: number; readonly counters: OwnCounters }[] = [];
  private connectsKept: { readonly at: number; readonly counts: ReadonlyMap<string, number> }[] = [];
  private newest: OwnReading | undefined;

  constructor(sources: OwnSources, startedAt: number) {
    this.sources = sources;
    this.startedAt = startedAt;
  }

  /** Read everything anew. */
  async look(now: number): Promise<OwnReading> {
    const reading = await this.sources.read();
    this.newest = reading;
    const last = this.kept.at(-1);
    if (last === undefined || now - last.at >= KEEP_EVERY_MS) {
      // One older than the longest window is where that window begins.
      const first = this.kept.findLastIndex(({ at }) => now - at >= LONGEST_MS);
      this.kept = [...this.kept.slice(Math.max(0, first)), { at: now, counters: reading }];
    }
    return reading;
  }

  /** What was counted in the last `windowMs`; since the start where that is shorter. */
  since(windowMs: number, now: number): OwnCounters {
    const before = this.kept.findLast(({ at }) => now - at >= windowMs)?.counters ?? NOTHING_COUNTED;
    const newest = this.newest ?? NOTHING_COUNTED;
    const keys = Object.keys(NOTHING_COUNTED) as (keyof OwnCounters)[];
    return Object.fromEntries(keys.map((key) => [key, newest[key] - before[key]])) as unknown as OwnCounters;
  }

  /** Logins of gateways in the last hour. */
  connectsPerHour(gateways: readonly string[], now: number): Map<string, number> {
    const counts = new Map(gateways.map((name) => [name, this.sources.connects(name)]));
    const before = this.connectsKept.findLast(({ at }) => now - at >= HOUR_MS)?.counts;
    const last = this.connectsKept.at(-1);
    if (last === undefined || now - last.at >= CONNECTS_EVERY_MS) {
      const first = this.connectsKept.findLastIndex(({ at }) => now - at >= HOUR_MS);
      this.connectsKept = [...this.connectsKept.slice(Math.max(0, first)), { at: now, counts }];
    }
    return new Map([...counts].map(([name, count]) => [name, count - (before?.get(name) ?? 0)]));
  }
}
