const HOUR_MS = 3_600_000;

/** The ranges of the chart with the size of their bars. */
export const RANGES = {
  hour: { ms: HOUR_MS, bucket: 'minute' },
  day: { ms: 24 * HOUR_MS, bucket: 'hour' },
  fortnight: { ms: 13 * 24 * HOUR_MS, bucket: 'day' },
} as const;

/** One of {@link RANGES}. */
export type Range = keyof typeof RANGES;
