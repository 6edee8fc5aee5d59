import type { Direction } from '@headcount/shared';
import { FORBIDDEN } from '../tracker/assignment.js';
import { pairUp, type Match } from './pairing.js';

/** A crossing in frame numbers of the clip, from 1; counted ones lie between frames. */
export interface FrameEvent {
  readonly frame: number;
  /** Id of the person in the truth, or of the track that was counted. */
  readonly track: number;
  readonly direction: Direction;
}

/**
 * What became of an event. `optional` ones count neither as right nor as wrong: the truth says so, or nobody can know
 * because the truth begins or ends there.
 */
export type Verdict = 'right' | 'missed' | 'extra' | 'wrongDirection' | 'optional';

/** A true event, a counted one, or both when they belong together. */
export interface JudgedEvent {
  readonly verdict: Verdict;
  readonly truth: FrameEvent | undefined;
  readonly counted: FrameEvent | undefined;
}

/** What is compared. */
export interface MatchOptions {
  readonly counted: readonly FrameEvent[];
  readonly truth: readonly FrameEvent[];
  /** Events that count neither as right nor as wrong, whether they are counted or not. */
  readonly optional: readonly FrameEvent[];
  /** Farthest match in frames. */
  readonly tolerance: number;
  /** Frames that are scored, both included. A counted event outside is never extra, but may be a true one's match. */
  readonly range: { readonly from: number; readonly to: number };
  /** The last frame that was counted. */
  readonly lastFrame: number;
}

/**
 * Match counted events with true ones in time, one to one. Not the sums of a clip, because a miss and a false count
 * would cancel. Events of the same direction come first: as many true ones as possible, then optional ones, then the
 * nearest. What is left may be a true event that was counted in the wrong direction: neither missed nor extra.
 * @returns one entry per true or counted event in the order of time
 */
export function matchEvents(options: MatchOptions): JudgedEvent[] {
  const { tolerance, range } = options;
  const within = ({ frame }: FrameEvent) => frame >= range.from && frame <= range.to;
  const truth = options.truth.filter(within);
  // A true event just outside the range explains a counted one just inside.
  const optional = [...options.optional, ...options.truth.filter((event) => !within(event))];
  const same = pairUp(
    options.counted,
    [...truth, ...optional],
    sameDirectionCost(options, new Set(optional)),
  );
  const counted = without(options.counted, same);
  const missed = truth.filter((event) => !same.some(({ right }) => right === event));
  const turned = pairUp(counted, missed, (event, target) => gapCost(event, target, tolerance));
  const judged: JudgedEvent[] = [
    ...same
      .filter(({ left, right }) => within(left) || within(right))
      .map(({ left, right }) => entry(optional.includes(right) ? 'optional' : 'right', right, left)),
    ...turned.map(({ left, right }) => entry('wrongDirection', right, left)),
    ...missed
      .filter((event) => !turned.some(({ right }) => right === event))
      .map((event) => entry('missed', event, undefined)),
    ...without(counted, turned)
      .filter(within)
      .map((event) => entry(beyondReach(event, options) ? 'optional' : 'extra', undefined, event)),
  ];
  return judged.sort((a, b) => frameOf(a) - frameOf(b));
}

/** Frame of a judged event: the true one's where there is one. */
export function frameOf({ truth, counted }: JudgedEvent): number {
  return truth?.frame ?? counted?.frame ?? 0;
}

/**
 * Whether the true event of a counted one may lie where the truth is not known: the range ends within the tolerance, and
 * the clip does not. Such an event cannot be called extra; it stands in the result as neither right nor wrong.
 */
function beyondReach({ frame }: FrameEvent, { range, tolerance, lastFrame }: MatchOptions): boolean {
  const early = range.from > 1 && frame - tolerance < range.from;
  const late = range.to < lastFrame && frame + tolerance > range.to;
  return early || late;
}

function sameDirectionCost(
  { counted, tolerance }: MatchOptions,
  optional: ReadonlySet<FrameEvent>,
): (event: FrameEvent, target: FrameEvent) => number {
  // Dearer than all gaps together, so that no optional event takes a true one's match.
  const penalty = counted.length + 1;
  return (event, target) =>
    event.direction === target.direction
      ? gapCost(event, target, tolerance) + (optional.has(target) ? penalty : 0)
      : FORBIDDEN;
}

/** Distance in time as a share of the tolerance, 0 to 1. */
function gapCost(event: FrameEvent, target: FrameEvent, tolerance: number): number {
  const gap = Math.abs(event.frame - target.frame);
  return gap <= tolerance ? gap / Math.max(tolerance, 1) : FORBIDDEN;
}

function without(
  events: readonly FrameEvent[],
  pairs: readonly Match<FrameEvent, FrameEvent>[],
): FrameEvent[] {
  const used = new Set(pairs.map(({ left }) => left));
  return events.filter((event) => !used.has(event));
}

function entry(
  verdict: Verdict,
  truth: FrameEvent | undefined,
  counted: FrameEvent | undefined,
): JudgedEvent {
  return { verdict, truth, counted };
}
