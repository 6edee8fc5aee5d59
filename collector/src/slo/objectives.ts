/** Length of the rolling window of every promise (hours): 28 days, so that it always holds the same weekdays. */
export const WINDOW_HOURS = 28 * 24;

/** A rule of how fast a budget may be spent. */
export interface BurnRule {
  /** Over which the rate is looked at. */
  readonly hours: number;
  /** How many times faster than just within the promise. */
  readonly factor: number;
}

/** A promise and how it is measured. */
export interface Objective {
  readonly id: 'api-latency' | 'api-errors' | 'collector-uptime' | 'camera-uptime';
  /** Share of what is good, below 1. */
  readonly target: number;
  /** What good and bad count. */
  readonly unit: 'answers' | 'ms';
  readonly burnRules: readonly BurnRule[];
}

/**
 * Which share of a window's budget may go in how many hours: Google, The Site Reliability Workbook, chapter 5 "Alerting on
 * SLOs", table 5-8. Its factors are for 30 days; those of 28 days are 13.44 and 5.6.
 */
const SPENT = [
  { hours: 1, budget: 0.02 },
  { hours: 6, budget: 0.05 },
] as const;

/**
 * A promise with the burn rules of its target.
 * @throws Error for a target that is no share below 1, and for one so low that a rule could never hold: when everything is
 * bad, the burn rate is 1 / (1 - target)
 */
export function objective(promise: Omit<Objective, 'burnRules'>): Objective {
  const { id, target } = promise;
  if (!(target > 0 && target < 1)) throw new Error(`${id}: target ${target} must lie between 0 and 1`);
  const most = 1 / (1 - target);
  const burnRules = SPENT.map(({ hours, budget }) => ({ hours, factor: (budget * WINDOW_HOURS) / hours }));
  for (const { hours, factor } of burnRules)
    if (factor >= most)
      throw new Error(
        `${id}: the burn rule of ${hours} h has the factor ${factor.toFixed(2)}, and a target of ${target} burns at ` +
          `most ${most.toFixed(2)} times too fast; choose a higher target`,
      );
  return { ...promise, burnRules };
}

/** Longest average answer of the API (ms). */
export const ANSWER_MS = 200;

/** What was promised. Cameras are judged one by one, from their availability. */
export const OBJECTIVES: readonly Objective[] = [
  objective({ id: 'api-latency', target: 0.99, unit: 'answers' }),
  objective({ id: 'api-errors', target: 0.999, unit: 'answers' }),
  objective({ id: 'collector-uptime', target: 0.999, unit: 'ms' }),
  objective({ id: 'camera-uptime', target: 0.99, unit: 'ms' }),
];
