/** An interval of shares, 0 to 1. */
export interface ShareInterval {
  readonly low: number;
  readonly high: number;
}

/** 97.5 % quantile of the standard normal distribution: 95 % of it lie within plus and minus this. */
const TWO_SIDED = 1.959964;
/** 95 % quantile: 95 % of the distribution lie above minus this. */
const ONE_SIDED = 1.644854;

/**
 * Wilson score interval at 95 % for a share (Wilson: Probable Inference, the Law of Succession, and Statistical
 * Inference, JASA 1927). Unlike the normal approximation it is sensible for few events and for shares of 0 and 1:
 * 27 right of 27 is "at least 87.5 %", not "100 %, certainly".
 * @param right successes, 0 to `all`
 * @param all trials
 * @returns undefined without trials
 */
export function wilsonInterval(right: number, all: number): ShareInterval | undefined {
  return wilson(right, all, TWO_SIDED);
}

/**
 * One-sided Wilson bounds: with 95 % certainty the share is at least `low`; with 95 % certainty it is at most `high`.
 * @param right successes, 0 to `all`; both may be broken numbers of weighted trials
 */
export function wilsonBounds(right: number, all: number): ShareInterval | undefined {
  return wilson(right, all, ONE_SIDED);
}

function wilson(right: number, all: number, z: number): ShareInterval | undefined {
  if (all === 0) return undefined;
  const share = right / all;
  const scale = 1 + (z * z) / all;
  const centre = (share + (z * z) / (2 * all)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
