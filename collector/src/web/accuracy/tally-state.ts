import { LONGEST_TALLY_MS } from '../../schema/audit-terms.js';

const MINUTE_MS = 60_000;

/** The line that somebody counts at. */
export interface TallyLine {
  readonly gateway: string;
  readonly camera: string;
  readonly line: string;
  readonly cameraName: string;
  readonly lineName: string;
  readonly timeZone: string;
  readonly directions: { readonly in: string; readonly out: string };
}

export type Direction = 'in' | 'out';

/** What a person counts at a door. Times are UTC ms of the collector's clock; both ends are whole minutes. */
export interface Tally {
  readonly id: string;
  readonly line: TallyLine;
  /** The collector's clock minus this device's (ms). */
  readonly clockOffset: number;
  readonly startsAt: number;
  readonly endsAt: number;
  /** Somebody has said that it ends with this minute. */
  readonly stopping: boolean;
  readonly crossings: readonly { readonly at: number; readonly direction: Direction }[];
}

/** A tally that begins with the next whole minute. @param now of the collector's clock */
export function beginTally(
  line: TallyLine,
  { id, now, clockOffset }: Pick<Tally, 'id' | 'clockOffset'> & { now: number },
): Tally {
  const startsAt = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
  const { gateway, camera, cameraName, lineName, timeZone, directions } = line;
  return {
    ...{ id, clockOffset, startsAt, endsAt: startsAt + LONGEST_TALLY_MS, stopping: false, crossings: [] },
    line: { gateway, camera, line: line.line, cameraName, lineName, timeZone, directions },
  };
}

/** Where a tally stands. */
export function phaseOf({ startsAt, endsAt }: Tally, now: number): 'before' | 'counting' | 'over' {
  if (now < startsAt) return 'before';
  return now < endsAt ? 'counting' : 'over';
}

/** One person more; nothing outside of the time that is counted. */
export function press(tally: Tally, direction: Direction, now: number): Tally {
  if (phaseOf(tally, now) !== 'counting') return tally;
  return { ...tally, crossings: [...tally.crossings, { at: now, direction }] };
}

/** Without the person who was counted last. */
export function undo(tally: Tally): Tally {
  return { ...tally, crossings: tally.crossings.slice(0, -1) };
}

/** End with the minute that goes on: until then everybody counts. */
export function stop(tally: Tally, now: number): Tally {
  const endsAt = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
  return { ...tally, endsAt: Math.min(endsAt, tally.endsAt), stopping: true };
}

/** End with the last whole minute; who was counted since is left out. */
export function endNow(tally: Tally, now: number): Tally {
  const endsAt = Math.max(tally.startsAt + MINUTE_MS, Math.floor(now / MINUTE_MS) * MINUTE_MS);
  return { ...tally, endsAt, stopping: true, crossings: tally.crossings.filter(({ at }) => at < endsAt) };
}

/** Whether a whole minute has passed, which {@link endNow} needs. */
export function hasWholeMinute({ startsAt }: Tally, now: number): boolean {
  return now >= startsAt + MINUTE_MS;
}

/** How many went which way. */
export function totalsOf({ crossings }: Pick<Tally, 'crossings'>): { in: number; out: number } {
  const entered = crossings.filter(({ direction }) => direction === 'in').length;
  return { in: entered, out: crossings.length - entered };
}

/** What was counted minute by minute until now, the newest first. */
export function minutesOf(tally: Tally, now: number): { at: number; in: number; out: number }[] {
  const minutes = Math.ceil((Math.min(now, tally.endsAt) - tally.startsAt) / MINUTE_MS);
  return Array.from({ length: Math.max(0, minutes) }, (_, index) => {
    const at = tally.startsAt + index * MINUTE_MS;
    return {
      at,
      ...totalsOf({ crossings: tally.crossings.filter((one) => one.at >= at && one.at < at + MINUTE_MS) }),
    };
  }).reverse();
}
