import {
  intervalAt,
  type CountRecord,
  type Direction,
  type Gap,
  SCENE_CONDITIONS,
  type GapReason,
  type SceneCondition,
  type ZoneRecord,
} from '@headcount/shared';
import { z } from 'zod';
import type { ZoneReading } from './zone-counter.js';
import {
  accountZone,
  emptyZone,
  endVisits,
  endVisitsOfBefore,
  nextZone,
  noteReading,
  zoneFields,
  zoneTallySchema,
} from './zone-tally.js';

const count = z.int().min(0);
const pair = z.object({ in: count, out: count });
const NOTHING = { in: 0, out: 0 };

/** The open interval of one camera as it stands in the outbox file. Times are UTC ms. */
export const openIntervalSchema = z.object({
  start: z.int(),
  end: z.int(),
  /** Up to here every millisecond is accounted for, as observed or as a gap. */
  accountedUntil: z.int(),
  observedMs: count,
  gaps: z.partialRecord(z.string(), count),
  occupancy: z.object({ min: count, max: count, sum: count, frames: count }),
  lines: z.record(z.string(), z.object({ now: pair, totals: pair, stitched: count.default(0) })),
  /** Missing in an interval that a version without zones left open. */
  zones: z.record(z.string(), zoneTallySchema).default({}),
  /** What was wrong with the picture while it was counted. */
  suspect: z.array(z.enum(SCENE_CONDITIONS)).default([]),
  /** True once the agent has said goodbye; an interval that is open without it belongs to a killed agent. */
  stopped: z.boolean(),
});

/** See {@link openIntervalSchema}. */
export type OpenInterval = z.infer<typeof openIntervalSchema>;

/** What an interval leaves behind: a record per line, then one per zone. */
export type IntervalRecord = CountRecord | ZoneRecord;

/** What stands on every record of a camera. */
export interface TallyIdentity {
  readonly camera: string;
  readonly lines: readonly string[];
  readonly zones: readonly string[];
  readonly configVersion: string;
  readonly modelHash: string;
}

/** What a camera was doing during a stretch of time. */
export type Observation = 'observed' | GapReason;

/** Adds up crossings, visits and observed time of one camera, interval by interval. Pure: every time comes in as UTC ms. */
export class Tally {
  private readonly identity: TallyIdentity;
  private open: OpenInterval;
  private scene: readonly SceneCondition[] = [];

  /** @param open what {@link Tally.snapshot} gave before a restart; undefined on the first start */
  constructor(identity: TallyIdentity, now: number, open: OpenInterval | undefined) {
    this.identity = identity;
    this.open = open ?? emptyInterval(intervalAt(now), { lines: {}, zones: {} });
    for (const line of identity.lines)
      this.open.lines[line] ??= { now: { ...NOTHING }, totals: { ...NOTHING }, stitched: 0 };
    for (const zone of identity.zones) this.open.zones[zone] ??= emptyZone();
    for (const zone of Object.values(this.open.zones)) endVisitsOfBefore(zone);
  }

  /**
   * Account for the time since the last call and close every interval that ended meanwhile.
   * Time before `accountedUntil` (a clock that stepped back) is not counted twice.
   * @returns the records of the closed intervals, oldest first
   */
  advance(now: number, observation: Observation): IntervalRecord[] {
    const closed: IntervalRecord[] = [];
    while (now >= this.open.end) {
      // A stretch of whole unobserved intervals (a gateway that was off for days) is not written as thousands of empty
      // records: it stays uncovered, which the collector reports as "not received".
      this.account(this.open.end, observation);
      closed.push(...this.close(this.open.end));
      const next =
        observation === 'observed' ? this.open.end : Math.max(this.open.end, intervalAt(now).start);
      this.open = emptyInterval({ start: next, end: intervalAt(next).end }, this.open);
    }
    this.account(now, observation);
    return closed;
  }

  /**
   * Add one crossing to the open interval and to the never-reset totals.
   * @param stitched it rests on two tracks that were taken for one person
   */
  cross(line: string, direction: Direction, stitched = false): void {
    const tally = this.open.lines[line];
    if (tally === undefined)
      throw new RangeError(`line ${line} is not one of camera ${this.identity.camera}`);
    tally.now[direction] += 1;
    tally.totals[direction] += 1;
    if (stitched) tally.stitched += 1;
  }

  /** What is wrong with the picture from now on; call it after {@link Tally.advance} to now. */
  sceneIs(conditions: readonly SceneCondition[]): void {
    this.scene = conditions;
  }

  /** Note how many people one frame showed. */
  see(people: number): void {
    const { occupancy } = this.open;
    occupancy.min = occupancy.frames === 0 ? people : Math.min(occupancy.min, people);
    occupancy.max = Math.max(occupancy.max, people);
    occupancy.sum += people;
    occupancy.frames += 1;
  }

  /** Note what one frame showed in a zone; call it after {@link Tally.advance} to the frame's time. */
  seeZone(zone: string, reading: ZoneReading): void {
    noteReading(this.zoneTally(zone), reading);
  }

  /** Nobody looks at the zone any more: its visits ended somewhere unseen. */
  endVisits(zone: string, count: number): void {
    endVisits(this.zoneTally(zone), count);
  }

  /** Note that the zone went over this capacity, or with null that it came back. */
  setOver(zone: string, capacity: number | null): void {
    this.zoneTally(zone).over = capacity;
  }

  /**
   * End the open interval now, before its time: its records cover [start, now), and the next interval starts there,
   * so that records of one camera never overlap. A `now` before what is accounted for (a clock that went back) ends it
   * where the account ends; counts of an interval that has no length yet get one of a millisecond, so that none is lost.
   */
  cut(now: number, stopped: boolean): IntervalRecord[] {
    if (this.open.accountedUntil === this.open.start && this.holdsCounts())
      this.account(this.open.start + 1, 'clock-step');
    const end = Math.min(Math.max(now, this.open.accountedUntil), this.open.end);
    const closed = end > this.open.start ? this.close(end) : [];
    this.open = { ...emptyInterval({ start: end, end: intervalAt(end).end }, this.open), stopped };
    return closed;
  }

  /** Start over at a new time after the wall clock stepped; the part of the interval before it is a gap. */
  restartAt(now: number): void {
    const interval = intervalAt(now);
    this.open = emptyInterval(interval, this.open);
    this.account(now, 'clock-step');
  }

  /** Go on at exactly this time after a {@link Tally.cut}: the time before it is on other records or on none. */
  continueAt(now: number): void {
    this.open = emptyInterval({ start: now, end: intervalAt(now).end }, this.open);
  }

  /** Totals and the crossings that no record holds yet. */
  line(id: string): { totals: { in: number; out: number }; pending: { in: number; out: number } } {
    const tally = this.open.lines[id];
    return tally === undefined
      ? { totals: { ...NOTHING }, pending: { ...NOTHING } }
      : { totals: { ...tally.totals }, pending: { ...tally.now } };
  }

  /** Never-reset totals of a zone, and the capacity that it is known to exceed; null while it does not. */
  zone(id: string): { totals: { entries: number; exits: number }; over: number | null } {
    const { totals, over } = this.zoneTally(id);
    return { totals: { ...totals }, over };
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

  /** Whether the open interval has counts that no record holds. */
  private holdsCounts(): boolean {
    const { lines, zones } = this.open;
    return (
      Object.values(lines).some(({ now }) => now.in + now.out > 0) ||
      Object.values(zones).some(({ now }) => now.entries + now.exits > 0)
    );
  }

  private zoneTally(id: string): OpenInterval['zones'][string] {
    const tally = this.open.zones[id];
    if (tally === undefined) throw new RangeError(`zone ${id} is not one of camera ${this.identity.camera}`);
    return tally;
  }

  private account(now: number, observation: Observation): void {
    const ms = Math.round(Math.min(now, this.open.end)) - this.open.accountedUntil;
    if (ms <= 0) return;
    this.open.accountedUntil += ms;
    const observed = observation === 'observed';
    if (observed) this.observe(ms);
    else this.open.gaps[observation] = (this.open.gaps[observation] ?? 0) + ms;
    for (const zone of Object.values(this.open.zones)) accountZone(zone, ms, observed);
  }

  private observe(ms: number): void {
    this.open.observedMs += ms;
    for (const condition of this.scene)
      if (!this.open.suspect.includes(condition)) this.open.suspect.push(condition);
  }

  private close(end: number): IntervalRecord[] {
    const { start, observedMs, occupancy, gaps, suspect } = this.open;
    const { camera, lines, zones, configVersion, modelHash } = this.identity;
    const common = {
      camera,
      start,
      lengthMs: end - start,
      observedMs,
      gaps: Object.entries(gaps).map(([reason, ms]) => ({ reason, ms }) as Gap),
      suspect,
      configVersion,
      modelHash,
    };
    const { min, max, sum, frames } = occupancy;
    const inView = frames === 0 ? null : { min, max, mean: sum / frames };
    return [
      ...lines.map((line): CountRecord => {
        const { totals, pending } = this.line(line);
        const stitched = this.open.lines[line]?.stitched ?? 0;
        return { kind: 'count', ...common, line, ...pending, stitched, totals, occupancy: inView };
      }),
      ...zones.map((zone): ZoneRecord => {
        return { kind: 'zone', ...common, zone, ...zoneFields(this.zoneTally(zone)) };
      }),
    ];
  }
}

/** A new interval whose totals go on where `before` left them. */
function emptyInterval(
  interval: { start: number; end: number },
  before: Pick<OpenInterval, 'lines' | 'zones'>,
): OpenInterval {
  return {
    ...interval,
    accountedUntil: interval.start,
    observedMs: 0,
    gaps: {},
    occupancy: { min: 0, max: 0, sum: 0, frames: 0 },
    lines: Object.fromEntries(
      Object.entries(before.lines).map(([id, { totals }]) => [
        id,
        { now: { ...NOTHING }, totals: { ...totals }, stitched: 0 },
      ]),
    ),
    zones: Object.fromEntries(Object.entries(before.zones).map(([id, zone]) => [id, nextZone(zone)])),
    suspect: [],
    stopped: false,
  };
}
