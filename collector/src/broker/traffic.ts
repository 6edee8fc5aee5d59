import type { Scan } from './packets.js';
import { TokenBucket, type Rate } from './token-bucket.js';

/**
 * Packets of one gateway. A batch of records costs it two, with the acknowledgement of the receipt. The whole collector
 * commits 205 batches a second (docs/benchmarks.md, load: 20,489 records/s in batches of 100), and a gateway sends the next
 * batch after the receipt of the last, so that a replay at full speed stays below 500 packets/s however long it is. The
 * burst is 2,500 batches at once: five days of 16 cameras with 4 lines (92,160 records a day in batches of 200).
 */
const PACKETS: Rate = { perSecond: 500, burst: 5000 };
/**
 * Bytes of one gateway. A count is 337 bytes on the wire, so that the rate is 24,900 counts/s, more than the collector stores
 * (20,489); the burst is two days of 64 lines (31 MB each), or twelve of the largest diagnostics files (5 MB).
 */
const BYTES: Rate = { perSecond: 8 * 2 ** 20, burst: 64 * 2 ** 20 };
/**
 * Logins of one gateway. An agent that loses its connection at once each time is back after 0.5 to 1 s; one that goes on
 * like this for two minutes has to wait. A whole fleet that returns at once is one login each.
 */
const LOGINS: Rate = { perSecond: 1, burst: 120 };
/**
 * How long a connection may be slowed down without a rest (ms). Back-pressure hides how much faster a client would like to
 * go, whether twice or a hundred times; one that never once stays within its rate for five minutes is broken.
 */
const PATIENCE_MS = 5 * 60_000;
/** Who sends nothing for so long after it has been slowed down has rested (ms). */
const REST_MS = 1000;

/** How a gateway is connected. */
export interface OpenConnection {
  /** UTC ms. */
  readonly since: number;
  readonly address: string;
  readonly protocol: 'tcp' | 'tls' | 'websocket';
  readonly login: 'password' | 'certificate';
  /** Bytes sent so far. */
  readonly bytesOut: () => number;
}

/** Sums over a gateway's connections since the collector's start. */
export interface TrafficNumbers {
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly connects: number;
  /** Messages, subscriptions and logins that were refused after the gateway had proved its name. */
  readonly refused: number;
  /** For how long its connections were not read because it sent too fast (ms). */
  readonly slowedMs: number;
}

/** Numbers of one gateway, and how it is connected now. */
export interface GatewayTraffic extends TrafficNumbers {
  /** UTC ms; null before the first. */
  readonly lastPacketAt: number | null;
  readonly connection: OpenConnection | undefined;
}

interface Entry {
  readonly numbers: { -readonly [K in keyof TrafficNumbers]: number };
  readonly packets: TokenBucket;
  readonly bytes: TokenBucket;
  readonly logins: TokenBucket;
  lastPacketAt: number | null;
  /** When it was first slowed down, and until when last, since its last rest. */
  slowed: { readonly since: number; readonly until: number } | undefined;
  connection: OpenConnection | undefined;
}

const NOTHING: TrafficNumbers = {
  ...{ messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, connects: 0, refused: 0, slowedMs: 0 },
};

/**
 * Counts and limits what each gateway sends. There is an entry for every gateway that has logged in since the start, which
 * takes some hundred bytes and outlives its connections, so that nobody gets a new burst by connecting again. Times are UTC ms.
 */
export class Traffic {
  private readonly entries = new Map<string, Entry>();

  /** A gateway has proved its name; false when it comes back too often and has to wait. */
  mayLogIn(gateway: string, now: number): boolean {
    const entry = this.entries.get(gateway) ?? this.add(gateway, now);
    if (entry.logins.take(now)) return true;
    entry.numbers.refused += 1;
    return false;
  }

  opened(gateway: string, connection: OpenConnection): void {
    const entry = this.entries.get(gateway) ?? this.add(gateway, connection.since);
    entry.numbers.connects += 1;
    entry.connection = connection;
    entry.slowed = undefined;
  }

  /** The next connection may be open already when the end of the last is noticed. */
  closed(gateway: string, connection: OpenConnection): void {
    const entry = this.entries.get(gateway);
    if (entry === undefined) return;
    entry.numbers.bytesOut += connection.bytesOut();
    if (entry.connection === connection) entry.connection = undefined;
  }

  /**
   * A piece of a gateway's connection was read.
   * @returns for how long not to read on (ms), or why the connection must end
   */
  received(gateway: string, { bytes, packets, messages }: Scan, now: number): number | string {
    const entry = this.entries.get(gateway) ?? this.add(gateway, now);
    const { numbers } = entry;
    numbers.bytesIn += bytes;
    numbers.messagesIn += messages;
    entry.lastPacketAt = now;
    const waitMs = Math.max(entry.packets.spend(packets, now), entry.bytes.spend(bytes, now));
    numbers.slowedMs += waitMs;
    const rested = waitMs === 0 || now > (entry.slowed?.until ?? 0) + REST_MS;
    const since = rested ? now : (entry.slowed?.since ?? now);
    entry.slowed = waitMs === 0 ? undefined : { since, until: now + waitMs };
    if (now - since < PATIENCE_MS) return waitMs;
    return `it has sent faster than its limit for ${PATIENCE_MS / 1000} s without a rest`;
  }

  /** A message goes to a gateway; nothing is counted for who is none. */
  sent(gateway: string): void {
    const entry = this.entries.get(gateway);
    if (entry !== undefined) entry.numbers.messagesOut += 1;
  }

  refused(gateway: string): void {
    const entry = this.entries.get(gateway);
    if (entry !== undefined) entry.numbers.refused += 1;
  }

  /** Zeros for one that has not been here. */
  of(gateway: string): GatewayTraffic {
    const entry = this.entries.get(gateway);
    if (entry === undefined) return { ...NOTHING, lastPacketAt: null, connection: undefined };
    const { numbers, connection, lastPacketAt } = entry;
    const bytesOut = numbers.bytesOut + (connection?.bytesOut() ?? 0);
    return { ...numbers, bytesOut, lastPacketAt, connection };
  }

  /** Sums over all gateways. */
  totals(): TrafficNumbers {
    const totals = { ...NOTHING };
    for (const gateway of this.entries.keys()) {
      const numbers = this.of(gateway);
      for (const key of Object.keys(NOTHING) as (keyof TrafficNumbers)[]) totals[key] += numbers[key];
    }
    return totals;
  }

  private add(gateway: string, now: number): Entry {
    const entry: Entry = {
      numbers: { ...NOTHING },
      packets: new TokenBucket(PACKETS, now),
      bytes: new TokenBucket(BYTES, now),
      logins: new TokenBucket(LOGINS, now),
      ...{ lastPacketAt: null, slowed: undefined, connection: undefined },
    };
    this.entries.set(gateway, entry);
    return entry;
  }
}
