import { setTimeout as sleep } from 'node:timers/promises';
import { SimulatedGateway, type Faults } from './gateway.js';
import type { PlannedGateway } from './plan.js';
import { Random } from './random.js';

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;
/** History is made in merged intervals, as a gateway merges what it kept for long (ms). */
const HISTORY_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * 3_600_000;
/** As the agent waits. */
const RECEIPT_TIMEOUT_MS = 10_000;

/** What a fleet is made of. */
export interface FleetOptions {
  readonly url: string;
  readonly plan: readonly PlannedGateway[];
  /** By gateway name. */
  readonly passwords: ReadonlyMap<string, string>;
  readonly seed: number;
  readonly faults: Faults;
  /** Records of one batch. */
  readonly batch: number;
  /** A batch that has not been receipted by then is sent again (ms). */
  readonly receiptTimeoutMs?: number;
}

/** Simulated gateways with one clock for all of them. */
export class SimulatedFleet {
  readonly gateways: readonly SimulatedGateway[];
  private readonly random: Random;
  private timer: NodeJS.Timeout | undefined;
  private lastMinute = 0;

  constructor(options: FleetOptions) {
    this.random = new Random(options.seed);
    this.gateways = options.plan.map((plan, index) => {
      const { url, faults, batch, receiptTimeoutMs = RECEIPT_TIMEOUT_MS } = options;
      const password = options.passwords.get(plan.name) ?? '';
      return new SimulatedGateway(plan, {
        ...{ url, faults, batch, receiptTimeoutMs, password },
        random: new Random(options.seed + index + 1),
      });
    });
  }

  /** Make the records of days that have passed; they are sent once the gateways connect. @param now UTC ms */
  addHistory(days: number, now: number): void {
    const end = Math.floor(now / HISTORY_MS) * HISTORY_MS;
    for (let start = end - days * DAY_MS; start < end; start += HISTORY_MS)
      for (const { recorder } of this.gateways) recorder.record(start, HISTORY_MS);
    this.lastMinute = end;
  }

  /** Connect everybody and let time pass. */
  start(): void {
    const now = Date.now();
    for (const gateway of this.gateways) {
      gateway.recorder.boot(now);
      gateway.recorder.health(now);
      gateway.start();
    }
    if (this.lastMinute === 0) this.lastMinute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
    this.timer = setInterval(() => this.tick(Date.now()), SECOND_MS);
  }

  /** Take the first cameras of a share of the gateways away. @param at UTC ms */
  killCameras(share: number, at: number): void {
    for (const { recorder, plan } of this.someOf(share)) {
      const [camera] = plan.cameras;
      if (camera !== undefined) recorder.setDead(camera.id, true, at);
    }
  }

  /** Cut a share of the gateways off. */
  async cut(share: number): Promise<void> {
    await Promise.all(this.someOf(share).map((gateway) => gateway.cut()));
  }

  get connected(): number {
    return this.gateways.filter(({ connected }) => connected).length;
  }

  /** Records that have not been receipted yet. */
  get waiting(): number {
    return this.gateways.reduce((sum, { recorder }) => sum + recorder.waiting, 0);
  }

  /** Wait until everything is receipted. @throws Error when it takes longer */
  async settled(timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (this.waiting > 0) {
      if (performance.now() > end)
        throw new Error(`${this.waiting} records have no receipt after ${timeoutMs} ms`);
      await sleep(50);
    }
  }

  /** Stop time and say goodbye. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.gateways.map((gateway) => gateway.stop()));
  }

  /** One second: whole minutes that have passed are counted, who is watched says what it sees. */
  private tick(now: number): void {
    while (this.lastMinute + MINUTE_MS <= now) {
      for (const { recorder } of this.gateways) {
        recorder.record(this.lastMinute, MINUTE_MS);
        recorder.health(now);
      }
      this.lastMinute += MINUTE_MS;
    }
    for (const gateway of this.gateways) {
      gateway.live(now);
      gateway.drain();
    }
  }

  private someOf(share: number): SimulatedGateway[] {
    return this.gateways.filter(() => this.random.next() < share);
  }
}
