import { WINDOW_HOURS, type Objective } from './objectives.js';

/** Numbers of a stretch of time, in the unit of their promise. */
export interface SloNumbers {
  readonly good: number;
  readonly bad: number;
  readonly unknown: number;
  readonly maintenance: number;
}

/** No numbers. */
export const NOTHING: SloNumbers = { good: 0, bad: 0, unknown: 0, maintenance: 0 };

/** good / (good + bad): unknown and maintenance are neither; null while both are 0. */
export function goodShare({ good, bad }: SloNumbers): number | null {
  return good + bad === 0 ? null : good / (good + bad);
}

/** (good + bad) / all: how much is known; null while there is nothing. */
export function coverageOf({ good, bad, unknown, maintenance }: SloNumbers): number | null {
  const all = good + bad + unknown + maintenance;
  return all === 0 ? null : (good + bad) / all;
}

/** What of a budget is left. */
export interface Budget {
  /** 1 for all of it, 0 for none, below 0 for a promise that is broken. */
  readonly share: number;
  /** Minutes of total failure that the window still bears. */
  readonly minutes: number;
}

/**
 * The error budget that is left: 1 - (bad share) / (1 - target), and as time of the whole window (SRE Workbook, chapter 2).
 * Null while nothing is known.
 */
export function budgetOf({ target }: Pick<Objective, 'target'>, numbers: SloNumbers): Budget | null {
  const good = goodShare(numbers);
  if (good === null) return null;
  const share = 1 - (1 - good) / (1 - target);
  return { share, minutes: share * (1 - target) * WINDOW_HOURS * 60 };
}

/**
 * How many times faster than just within the promise the budget is spent: (bad share) / (1 - target) (SRE Workbook,
 * chapter 5). Null while nothing is known.
 */
export function burnRate({ target }: Pick<Objective, 'target'>, numbers: SloNumbers): number | null {
  const good = goodShare(numbers);
  return good === null ? null : (1 - good) / (1 - target);
}
