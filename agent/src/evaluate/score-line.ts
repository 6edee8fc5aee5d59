import { wilsonInterval, type ShareInterval } from '@headcount/shared';
import { matchEvents, type JudgedEvent, type MatchOptions, type Verdict } from './match.js';

/** How well something was counted, in events or visits. */
export interface Score {
  readonly truth: number;
  readonly right: number;
  readonly missed: number;
  readonly extra: number;
  /**
   * right / (truth + extra), 0 to 1: the share of right ones among everything that happened or was claimed to happen.
   * Every mistake lowers it once: a miss and a wrong direction stand in `truth`, a false count in `extra`. right / truth
   * alone would not see false counts. Null when there was nothing and nothing was counted.
   */
  readonly accuracy: number | null;
  /** Wilson's 95 % interval of the accuracy; null where that is. */
  readonly interval: ShareInterval | null;
}

/** The score of one line. */
export interface LineReport extends Score {
  /** Name in the truth file. */
  readonly id: string;
  /** At the right time but in the other direction; counted neither as missed nor as extra. */
  readonly wrongDirection: number;
  /** Counted events that are neither right nor wrong. */
  readonly unjudged: number;
  /** What became of each event, in the order of time. */
  readonly events: readonly JudgedEvent[];
}

/** Judge the crossings of one line. */
export function scoreLine(id: string, options: MatchOptions): LineReport {
  const events = matchEvents(options);
  const count = (verdict: Verdict) => events.filter((event) => event.verdict === verdict).length;
  const right = count('right');
  const missed = count('missed');
  const extra = count('extra');
  const wrongDirection = count('wrongDirection');
  const unjudged = events.filter(
    ({ verdict, counted }) => verdict === 'optional' && counted !== undefined,
  ).length;
  const truth = right + missed + wrongDirection;
  const counts = { truth, right, missed, extra, wrongDirection, unjudged };
  return { id, ...counts, ...accuracyOf(counts), events };
}

/** See {@link Score.accuracy}. */
export function accuracyOf(counts: {
  right: number;
  truth: number;
  extra: number;
}): Pick<Score, 'accuracy' | 'interval'> {
  const all = counts.truth + counts.extra;
  return {
    accuracy: all === 0 ? null : counts.right / all,
    interval: wilsonInterval(counts.right, all) ?? null,
  };
}

/** All lines together: the sums, and the accuracy over all events. */
export function totalOf(lines: readonly LineReport[]): Score & { wrongDirection: number } {
  const sum = (key: 'truth' | 'right' | 'missed' | 'extra' | 'wrongDirection') =>
    lines.reduce((total, line) => total + line[key], 0);
  const counts = { truth: sum('truth'), right: sum('right'), missed: sum('missed'), extra: sum('extra') };
  return { ...counts, wrongDirection: sum('wrongDirection'), ...accuracyOf(counts) };
}
