/** An interval of shares, 0 to 1. */
export interface ShareInterval {
  readonly low: number;
  readonly high: number;
}

/** 97.5 % quantile of the standard normal distribution: 95 % of it lie within plus and minus this. */
const Z = 1.959964;

/**
 * Wilson score interval at 95 % for a share (Wilson: Probable Inference, the Law of Succession, and Statistical
 * Inference, JASA 1927). Unlike the normal approximation it is sensible for few events and for shares of 0 and 1:
 * 27 right of 27 is "at least 87.5 %", not "100 %, certainly".
 * @param right successes, 0 to `all`
 * @param all trials
 * @returns undefined without trials
 */
export function wilsonInterval(right: number, all: number): ShareInterval | undefined {
  if (all === 0) return undefined;
  const share = right / all;
  const scale = 1 + (Z * Z) / all;
  const centre = (share + (Z * Z) / (2 * all)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / all + (Z * Z) / (4 * all * all));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
