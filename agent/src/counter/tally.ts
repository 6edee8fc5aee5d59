import { intervalAt, type CountRecord, type Direction, type Gap, type GapReason } from '@headcount/shared';
import { z } from 'zod';

const count = z.int().min(0);
const pair = z.object({ in: count, out: count });

/** The open interval of one camera as it stands in the outbox file. Times are UTC ms. */
export const openIntervalSchema = z.object({
  start: z.int(),
  end: z.int(),
  /** Up to here every millisecond is accounted for, as observed or as a gap. */
  accountedUntil: z.int(),
  observedMs: count,
  gaps: z.partialRecord(z.string(), count),
  occupancy: z.object({ min: count, max: count, sum: count, frames: count }),
  lines: z.record(z.string(), z.object({ now: pair, totals: pair })),
  /** True once the agent has said goodbye; an interval that is open without it belongs to a killed agent. */
  stopped: z.boolean(),
});

/** See {@link openIntervalSchema}. */
export type OpenInterval = z.infer<typeof openIntervalSchema>;

/** What stands on every count record of a camera. */
export interface TallyIdentity {
  readonly camera: string;
  readonly lines: readonly string[];
  readonly configVersion: string;
  readonly modelHash: string;
}

/** What a camera was doing during a stretch of time. */
export type Observation = 'observed' | GapReason;

/** Adds up crossings and observed time of one camera, interval by interval. Pure: every time comes in as UTC ms. */
export class Tally {
  private readonly identity: TallyIdentity;
  private open: OpenInterval;

  /** @param open what {@link Tally.snapshot} gave before a restart; undefined on the first start */
  constructor(identity: TallyIdentity, now: number, open: OpenInterval | undefined) {
    this.identity = identity;
    this.open = open ?? emptyInterval(intervalAt(now), {});
    for (const line of identity.lines)
      this.open.lines[line] ??= { now: { in: 0, out: 0 }, totals: { in: 0, out: 0 } };
  }

  /**
   * Account for the time since the last call and close every interval that ended meanwhile.
   * Time before `accountedUntil` (a clock that stepped back) is not counted twice.
   * @returns the records of the closed intervals, oldest first
   */
  advance(now: number, observation: Observation): CountRecord[] {
    const closed: CountRecord[] = [];
    while (now >= this.open.end) {
      // A stretch of whole unobserved intervals (a gateway that was off for days) is not written as thousands of empty
      // records: it stays uncovered, which the collector reports as "not received".
      this.account(this.open.end, observation);
      closed.push(...this.close(this.open.end));
      const next =
        observation === 'observed' ? this.open.end : Math.max(this.open.end, intervalAt(now).start);
      this.open = emptyInterval({ start: next, end: intervalAt(next).end }, this.open.lines);
    }
    this.account(now, observation);
    return closed;
  }

  /** Add one crossing to the open interval and to the never-reset totals. */
  cross(line: string, direction: Direction): void {
    const tally = this.open.lines[line];
    if (tally === undefined)
      throw new RangeError(`line ${line} is not one of camera ${this.identity.camera}`);
    tally.now[direction] += 1;
    tally.totals[direction] += 1;
  }

  /** Note how many people one frame showed. */
  see(people: number): void {
    const { occupancy } = this.open;
    occupancy.min = occupancy.frames === 0 ? people : Math.min(occupancy.min, people);
    occupancy.max = Math.max(occupancy.max, people);
    occupancy.sum += people;
    occupancy.frames += 1;
  }

  /**
   * End the open interval now, before its time: its records cover [start, now), and the next interval starts there,
   * so that records of one camera never overlap.
   */
  cut(now: number, stopped: boolean): CountRecord[] {
    const end = Math.min(now, this.open.end);
    const closed = end > this.open.start ? this.close(end) : [];
    this.open = { ...emptyInterval({ start: end, end: intervalAt(end).end }, this.open.lines), stopped };
    return closed;
  }

  /** Start over at a new time after the wall clock stepped; the part of the interval before it is a gap. */
  restartAt(now: number): void {
    const interval = intervalAt(now);
    this.open = emptyInterval(interval, this.open.lines);
    this.account(now, 'clock-step');
  }

  /** Totals and the crossings that no record holds yet. */
  line(id: string): { totals: { in: number; out: number }; pending: { in: number; out: number } } {
    const tally = this.open.lines[id];
    return tally === undefined
      ? { totals: { in: 0, out: 0 }, pending: { in: 0, out: 0 } }
      : { totals: { ...tally.totals }, pending: { ...tally.now } };
  }

  /** Up to here every millisecond is accounted for: UTC ms. */
  get accountedUntil(): number {
    return this.open.accountedUntil;
  }

  /** Whether the interval was left by a clean stop; read once after a start, then cleared by {@link Tally.resume}. */
  get wasStopped(): boolean {
    return this.open.stopped;
  }

  /** The agent runs again: from now on an open interval without a goodbye means that it was killed. */
  resume(): void {
    this.open.stopped = false;
  }

  /** The open interval as JSON, for the outbox. */
  snapshot(): string {
    return JSON.stringify(this.open);
  }

  private account(now: number, observation: Observation): void {
    const ms = Math.round(Math.min(now, this.open.end)) - this.open.accountedUntil;
    if (ms <= 0) return;
    this.open.accountedUntil += ms;
    if (observation === 'observed') this.open.observedMs += ms;
    else this.open.gaps[observation] = (this.open.gaps[observation] ?? 0) + ms;
  }

  private close(end: number): CountRecord[] {
    const { start, observedMs, occupancy } = this.open;
    const gaps = Object.entries(this.open.gaps).map(([reason, ms]) => ({ reason, ms }) as Gap);
    return this.identity.lines.map((line) => {
      const { totals, pending } = this.line(line);
      return {
        kind: 'count',
        camera: this.identity.camera,
        line,
        start,
        lengthMs: end - start,
        in: pending.in,
        out: pending.out,
        stitched: 0,
        totals,
        occupancy:
          occupancy.frames === 0
            ? null
            : { min: occupancy.min, max: occupancy.max, mean: occupancy.sum / occupancy.frames },
        observedMs,
        gaps,
        configVersion: this.identity.configVersion,
        modelHash: this.identity.modelHash,
      };
    });
  }
}

function emptyInterval(interval: { start: number; end: number }, lines: OpenInterval['lines']): OpenInterval {
  return {
    ...interval,
    accountedUntil: interval.start,
    observedMs: 0,
    gaps: {},
    occupancy: { min: 0, max: 0, sum: 0, frames: 0 },
    lines: Object.fromEntries(
      Object.entries(lines).map(([id, { totals }]) => [
        id,
        { now: { in: 0, out: 0 }, totals: { ...totals } },
      ]),
    ),
    stopped: false,
  };
}
