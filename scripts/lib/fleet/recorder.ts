import { randomUUID } from 'node:crypto';
import type { BatchRow } from '@headcount/shared';
import type { PlannedGateway } from './plan.js';
import { ratesAt } from './profile.js';
import type { Random } from './random.js';

const HOUR_MS = 3_600_000;
/** What simulated gateways say that they count with. */
export const MODEL_HASH = '5'.repeat(64);
/** One line a camera, and people through it enter or leave the site. */
export const LINE = 'door';

/** What happened at one line: the truth that the collector's numbers are held against. */
export interface LineTruth {
  in: number;
  out: number;
  records: number;
}

/** The outbox of a simulated gateway: makes records as an agent does and keeps them until they are receipted. */
export class Recorder {
  readonly epoch = randomUUID();
  /** By camera id. */
  readonly truth = new Map<string, LineTruth>();
  /** Cameras that give no picture. */
  readonly dead = new Set<string>();
  private readonly plan: PlannedGateway;
  private readonly random: Random;
  private readonly rows: BatchRow[] = [];
  private nextSeq = 1;

  constructor(plan: PlannedGateway, random: Random) {
    this.plan = plan;
    this.random = random;
    for (const { id } of plan.cameras) this.truth.set(id, { in: 0, out: 0, records: 0 });
  }

  /** Records that wait for their receipt. */
  get waiting(): number {
    return this.rows.length;
  }

  /** Count one interval on every camera. @param start UTC ms */
  record(start: number, lengthMs: number): void {
    const { profile, timeZone, cameras } = this.plan;
    const rates = ratesAt(profile, timeZone, start + lengthMs / 2);
    for (const { id } of cameras) {
      const dead = this.dead.has(id);
      const share = dead ? 0 : lengthMs / HOUR_MS;
      const crossed = {
        in: this.random.poisson(rates.in * share),
        out: this.random.poisson(rates.out * share),
      };
      const totals = this.truth.get(id) ?? { in: 0, out: 0, records: 0 };
      totals.in += crossed.in;
      totals.out += crossed.out;
      totals.records += 1;
      this.truth.set(id, totals);
      const people = Math.min(40, crossed.in + crossed.out);
      this.add({
        ...{ kind: 'count', camera: id, line: LINE, start, lengthMs, ...crossed, stitched: 0 },
        totals: { in: totals.in, out: totals.out },
        occupancy: dead ? null : { min: 0, max: people, mean: people / 3 },
        observedMs: dead ? 0 : lengthMs,
        gaps: dead ? [{ reason: 'backoff', ms: lengthMs }] : [],
        ...{ suspect: [], configVersion: 'simulated', modelHash: MODEL_HASH },
      });
    }
  }

  /** A camera was lost or is back. @param at UTC ms */
  setDead(camera: string, dead: boolean, at: number): void {
    if (dead) this.dead.add(camera);
    else this.dead.delete(camera);
    const edge = dead ? { state: 'backoff', cause: 'refused' } : { state: 'streaming', cause: 'recovered' };
    this.add({ kind: 'camera', camera, ...edge, at });
  }

  /** What an agent says at its start. @param at UTC ms */
  boot(at: number): void {
    this.add({ kind: 'event', at, event: 'boot', detail: 'simulated' });
    for (const { id } of this.plan.cameras)
      this.add({ kind: 'camera', camera: id, state: 'streaming', cause: 'first-frame', at });
  }

  /** Health of the box. @param at UTC ms */
  health(at: number): void {
    const uniform = (from: number, to: number) => from + this.random.next() * (to - from);
    this.add({
      ...{ kind: 'host', at, cpuPercent: uniform(20, 60), load1: uniform(0.4, 2) },
      ...{ memoryUsedBytes: Math.round(uniform(0.8e9, 2e9)), memoryTotalBytes: 4e9 },
      ...{ diskUsedBytes: 9e9, diskTotalBytes: 31e9 },
      ...{ networkRxBytesPerSecond: uniform(2e5, 9e5), networkTxBytesPerSecond: uniform(1e3, 9e3) },
      ...{ temperatureCelsius: uniform(45, 70), uptimeSeconds: 86_400, agentRssBytes: 2.2e8 },
      ...{ outboxRecords: this.rows.length },
    });
  }

  /** The records that are sent next, without taking them out. */
  peek(most: number): readonly BatchRow[] {
    return this.rows.slice(0, most);
  }

  /** Forget what is stored. */
  settle(storedUpTo: number): void {
    const rest = this.rows.findIndex(({ seq }) => seq > storedUpTo);
    this.rows.splice(0, rest < 0 ? this.rows.length : rest);
  }

  private add(record: Record<string, unknown>): void {
    this.rows.push({ seq: this.nextSeq, record });
    this.nextSeq += 1;
  }
}
