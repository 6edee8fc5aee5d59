import { DWELL_BOUNDS_MS, type ZoneRecord } from '@headcount/shared';
import { z } from 'zod';
import type { Visit, ZoneReading } from './zone-counter.js';

const count = z.int().min(0);
const pair = z.object({ entries: count, exits: count });
const level = z.object({ occupancy: count, queue: count });

/** One zone in the open interval of a camera, as it stands in the outbox file. */
export const zoneTallySchema = z.object({
  now: pair,
  totals: pair,
  dwell: z.object({ sumMs: count, buckets: z.array(count).length(DWELL_BOUNDS_MS.length + 1) }),
  /** What the last frame showed; null when nobody has looked since. */
  level: level.nullable(),
  /** Extremes of the levels so far; null when there was none. */
  range: z.object({ min: count, max: count, queueMax: count }).nullable(),
  /** Levels times the observed milliseconds that they lasted, and those milliseconds. */
  weighed: z.object({ occupancy: count, queue: count, ms: count }),
  /** The capacity that the zone is known to exceed; null when it does not. Outlives intervals and restarts. */
  over: z.int().min(1).nullable(),
});

/** See {@link zoneTallySchema}. */
export type ZoneTally = z.infer<typeof zoneTallySchema>;

/** A zone that nobody has looked at yet. */
export function emptyZone(): ZoneTally {
  return {
    now: { entries: 0, exits: 0 },
    totals: { entries: 0, exits: 0 },
    dwell: { sumMs: 0, buckets: DWELL_BOUNDS_MS.map(() => 0).concat(0) },
    level: null,
    range: null,
    weighed: { occupancy: 0, queue: 0, ms: 0 },
    over: null,
  };
}

/** The zone at the start of the next interval: totals and what is going on stay, the rest begins again. */
export function nextZone({ totals, level: last, over }: ZoneTally): ZoneTally {
  return { ...emptyZone(), totals: { ...totals }, level: last, over };
}

/** Add what one frame showed. */
export function noteReading(zone: ZoneTally, reading: ZoneReading): void {
  const { occupancy, queue, entered, ended } = reading;
  zone.now.entries += entered;
  zone.totals.entries += entered;
  endVisits(zone, ended.length);
  for (const visit of ended) if (visit.complete) noteDwell(zone, visit);
  zone.level = { occupancy, queue };
  widen(zone);
}

/** Visits ended without a dwell, because nobody saw how. */
export function endVisits(zone: ZoneTally, visits: number): void {
  zone.now.exits += visits;
  zone.totals.exits += visits;
}

/** Time passed since the last frame: its level lasted if the time counts as observed, else it is not known any more. */
export function accountZone(zone: ZoneTally, ms: number, observed: boolean): void {
  if (!observed) zone.level = null;
  if (zone.level === null) return;
  widen(zone);
  zone.weighed.occupancy += zone.level.occupancy * ms;
  zone.weighed.queue += zone.level.queue * ms;
  zone.weighed.ms += ms;
}

/**
 * After a restart: visits of a process that was killed ended while nobody looked, so that entries less exits is again
 * the number of people inside.
 */
export function endVisitsOfBefore(zone: ZoneTally): void {
  endVisits(zone, Math.max(0, zone.totals.entries - zone.totals.exits));
  zone.level = null;
}

/** A closed interval's part of the record. */
export function zoneFields({
  now,
  totals,
  dwell,
  range,
  weighed,
}: ZoneTally): Pick<ZoneRecord, 'entries' | 'exits' | 'totals' | 'occupancy' | 'queue' | 'dwell'> {
  const mean = (sum: number, otherwise: number) => (weighed.ms === 0 ? otherwise : sum / weighed.ms);
  return {
    ...now,
    totals: { ...totals },
    occupancy: range && { min: range.min, max: range.max, mean: mean(weighed.occupancy, range.max) },
    queue: range && { max: range.queueMax, mean: mean(weighed.queue, range.queueMax) },
    dwell: { sumMs: dwell.sumMs, buckets: [...dwell.buckets] },
  };
}

function widen(zone: ZoneTally): void {
  if (zone.level === null) return;
  const { occupancy, queue } = zone.level;
  const { min, max, queueMax } = zone.range ?? { min: occupancy, max: occupancy, queueMax: queue };
  zone.range = {
    min: Math.min(min, occupancy),
    max: Math.max(max, occupancy),
    queueMax: Math.max(queueMax, queue),
  };
}

function noteDwell(zone: ZoneTally, { from, to }: Visit): void {
  const ms = Math.round(to - from);
  const bound = DWELL_BOUNDS_MS.findIndex((upper) => ms <= upper);
  const index = bound === -1 ? DWELL_BOUNDS_MS.length : bound;
  zone.dwell.sumMs += ms;
  zone.dwell.buckets[index] = (zone.dwell.buckets[index] ?? 0) + 1;
}
