import type { Span } from '../counts/zone.js';
import type { Hole } from '../schema/manual-audits.js';

const MINUTE_MS = 60_000;
/**
 * How far a press may lie from the minute in which the machine counted the same person (ms): a second of reaction, and two seconds by
 * which the clocks of phone and gateway may differ (operations design, rule gateway-clock-skew).
 */
const EDGE_MS = 3000;

/** How many went which way. */
export interface Crossings {
  readonly in: number;
  readonly out: number;
}

/** What a person counted in one minute, and how much of it so near its ends that the machine may have it in the next minute. */
export interface TalliedMinute extends Crossings {
  readonly early: Crossings;
  readonly late: Crossings;
}

/** A count interval as it is stored; UTC ms. */
export interface StoredInterval extends Span, Crossings {
  readonly observedMs: number;
  readonly configVersion: string;
  readonly modelHash: string;
}

/** One stretch of an audit: what the person counted in it beside what the machine counted. UTC ms. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly person: Crossings;
  readonly machine: Crossings;
  readonly configVersion: string;
  readonly modelHash: string;
}

/** What can be compared of an audit, and what not. */
export interface Comparison {
  readonly parts: readonly Part[];
  readonly holes: readonly { readonly reason: Hole; readonly ms: number }[];
}

/** Presses by minute. @param crossings all in [from, to) */
export function minutesOf(
  crossings: readonly { readonly at: number; readonly direction: 'in' | 'out' }[],
  { from, to }: { from: number; to: number },
): TalliedMinute[] {
  const minutes = Array.from({ length: (to - from) / MINUTE_MS }, () => ({
    ...{ in: 0, out: 0, early: { in: 0, out: 0 }, late: { in: 0, out: 0 } },
  }));
  for (const { at, direction } of crossings) {
    const minute = minutes[Math.floor((at - from) / MINUTE_MS)];
    if (minute === undefined) continue;
    const into = (at - from) % MINUTE_MS;
    minute[direction]++;
    if (into < EDGE_MS) minute.early[direction]++;
    if (into >= MINUTE_MS - EDGE_MS) minute.late[direction]++;
  }
  return minutes;
}

/**
 * What the machine counted in a span, from intervals that lie in it one behind the other.
 * @param intervals by their start; may reach beyond the span
 * @returns why there is no such number where part of the span has none, or only one that stands for more than the span
 */
export function machineIn(
  span: Span,
  intervals: readonly StoredInterval[],
): Pick<Part, 'machine' | 'configVersion' | 'modelHash'> | Hole {
  const inside = intervals.filter(({ start, end }) => start < span.end && end > span.start);
  let at = span.start;
  const machine = { in: 0, out: 0 };
  for (const interval of inside) {
    if (interval.start < span.start || interval.end > span.end) return 'merged';
    if (interval.start < at) return 'clock-set';
    if (interval.start > at) return 'not-stored';
    if (interval.observedMs < interval.end - interval.start) return 'not-observed';
    machine.in += interval.in;
    machine.out += interval.out;
    at = interval.end;
  }
  const last = inside.at(-1);
  if (last === undefined || at < span.end) return 'not-stored';
  const { configVersion, modelHash } = last;
  const same = inside.every((one) => one.configVersion === configVersion && one.modelHash === modelHash);
  return same ? { machine, configVersion, modelHash } : 'changed';
}

/** Compare one number of a person for a whole span. Misses and extra counts within it cancel out: short spans say more. */
export function compareSpan(
  span: Span,
  person: Crossings,
  intervals: readonly StoredInterval[],
): Part | Hole {
  const found = machineIn(span, intervals);
  return typeof found === 'string' ? found : { from: span.start, to: span.end, person, ...found };
}

/**
 * Compare a live tally minute by minute, so that a miss in one minute and an extra count in another do not cancel out; within a
 * minute and a direction they still do. Where a gateway merged old minutes, the minutes of a merged interval are compared together. A
 * person who was counted within {@link EDGE_MS} of a full minute may be in the minute beside it at the machine; that is no mistake.
 * @param minutes the person's, from the start of the span on
 */
export function compareTally(
  span: Span,
  minutes: readonly TalliedMinute[],
  intervals: readonly StoredInterval[],
): Comparison {
  const parts: EdgedPart[] = [];
  const holes: Comparison['holes'][number][] = [];
  for (const unit of unitsOf(span, intervals)) {
    const [first, end] = [unit.start, unit.end].map((at) => (at - span.start) / MINUTE_MS);
    const tallied = minutes.slice(first, end);
    const person = { in: 0, out: 0 };
    for (const minute of tallied) {
      person.in += minute.in;
      person.out += minute.out;
    }
    const part = compareSpan(unit, person, intervals);
    if (typeof part === 'string') holes.push({ reason: part, ms: unit.end - unit.start });
    else parts.push({ part, person, early: tallied[0]?.early, late: tallied.at(-1)?.late });
  }
  moveOverEdges(parts);
  return { parts: parts.map(({ part, person }) => ({ ...part, person })), holes };
}

/** A part whose person may still be moved. */
interface EdgedPart {
  readonly part: Part;
  readonly person: { in: number; out: number };
  readonly early: Crossings | undefined;
  readonly late: Crossings | undefined;
}

/** Minutes, cut where no interval reaches over the cut. */
function unitsOf(span: Span, intervals: readonly StoredInterval[]): Span[] {
  const units: Span[] = [];
  let start = span.start;
  for (let at = span.start + MINUTE_MS; at <= span.end; at += MINUTE_MS) {
    const whole = at < span.end && intervals.some((one) => one.start < at && at < one.end);
    if (whole) continue;
    units.push({ start, end: at });
    start = at;
  }
  return units;
}

/** Put presses near a full minute to the side on which the machine has them. */
function moveOverEdges(parts: readonly EdgedPart[]): void {
  parts.slice(1).forEach((after, index) => {
    const before = parts[index];
    if (before?.part.to !== after.part.from) return;
    for (const way of ['in', 'out'] as const) {
      const more = before.part.machine[way] - before.person[way];
      const less = after.person[way] - after.part.machine[way];
      const back = Math.max(0, Math.min(more, less, after.early?.[way] ?? 0));
      const forth = Math.max(0, Math.min(-more, -less, before.late?.[way] ?? 0));
      before.person[way] += back - forth;
      after.person[way] += forth - back;
    }
  });
}
