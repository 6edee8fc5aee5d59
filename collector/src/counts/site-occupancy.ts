/** People at a site from who went in and out. Pure; times are UTC ms. */

/** Crossings of a site's entrance lines from `start` on, for one step of the curve. */
export interface EntranceStep {
  readonly start: number;
  readonly in: number;
  readonly out: number;
}

/** One business day: from one closing hour to the next. */
export interface BusinessDay {
  readonly from: number;
  readonly to: number;
  readonly in: number;
  readonly out: number;
  /**
   * In minus out at closing, when nobody is inside: people that were counted too much (positive) or too little. Null for
   * the day that goes on.
   */
  readonly drift: number | null;
}

/** A point of the curve: people at the site at the end of a step. */
export interface OccupancyPoint {
  readonly at: number;
  readonly people: number;
}

/** What is known of a site's occupancy. */
export interface SiteOccupancy {
  /** In minus out since the last closing hour, never below zero. */
  readonly now: number;
  readonly since: number;
  readonly days: readonly BusinessDay[];
  readonly curve: readonly OccupancyPoint[];
}

/**
 * Work out a site's occupancy. Every day begins with nobody inside. On a closed day the drift is spread over the day's
 * crossings: people(t) = in(t) - out(t) - drift * crossings(t) / crossings(day), so that the curve ends at zero; each
 * crossing is as likely as any other to be the one that was miscounted. All of it is computed from stored intervals, so
 * counts that arrive late correct it.
 * @param closings closing instants, ascending; the last one is not in the future
 * @param steps entrance crossings, ascending; those before the first closing are ignored
 */
export function siteOccupancy(
  closings: readonly number[],
  steps: readonly EntranceStep[],
  options: { readonly now: number; readonly stepMs: number },
): SiteOccupancy {
  const days = closings.map((from, index) => {
    const to = closings[index + 1];
    const inside = steps.filter(({ start }) => start >= from && start < (to ?? Infinity));
    const sum = inside.reduce((total, step) => ({ in: total.in + step.in, out: total.out + step.out }), NONE);
    const drift = to === undefined ? null : sum.in - sum.out;
    return { day: { from, to: to ?? options.now, ...sum, drift }, inside };
  });
  const today = days.at(-1)?.day;
  return {
    now: Math.max(0, (today?.in ?? 0) - (today?.out ?? 0)),
    since: today?.from ?? options.now,
    days: days.map(({ day }) => day),
    curve: days.flatMap(({ day, inside }) => curveOf(day, inside, options.stepMs)),
  };
}

const NONE = { in: 0, out: 0 };

function curveOf(day: BusinessDay, steps: readonly EntranceStep[], stepMs: number): OccupancyPoint[] {
  const all = day.in + day.out;
  let [people, crossings] = [0, 0];
  return steps.map((step) => {
    people += step.in - step.out;
    crossings += step.in + step.out;
    const corrected = people - (all === 0 ? 0 : ((day.drift ?? 0) * crossings) / all);
    return { at: step.start + stepMs, people: Math.max(0, Math.round(corrected * 10) / 10) };
  });
}
