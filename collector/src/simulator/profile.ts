import { bucketAt } from '../counts/zone.js';

/** Kinds of place that are counted. */
export const PROFILES = ['shop', 'station', 'campus'] as const;
export type Profile = (typeof PROFILES)[number];

/** People an hour through one door by the hour of the day, on a working day and at the weekend. */
const RATES: Readonly<Record<Profile, { work: readonly number[]; weekend: readonly number[] }>> = {
  shop: {
    work: [0, 0, 0, 0, 0, 0, 0, 2, 15, 30, 45, 60, 80, 65, 50, 55, 70, 95, 110, 80, 40, 10, 0, 0],
    weekend: [0, 0, 0, 0, 0, 0, 0, 0, 10, 45, 90, 120, 130, 125, 130, 140, 135, 110, 80, 50, 25, 8, 0, 0],
  },
  station: {
    work: [
      8, 4, 2, 2, 10, 60, 180, 420, 380, 160, 110, 120, 140, 130, 130, 170, 300, 440, 360, 180, 110, 80, 50,
      20,
    ],
    weekend: [
      25, 15, 8, 4, 6, 20, 50, 80, 110, 140, 160, 170, 170, 165, 160, 165, 170, 160, 140, 110, 90, 70, 60, 40,
    ],
  },
  campus: {
    work: [0, 0, 0, 0, 0, 2, 20, 140, 200, 90, 80, 110, 190, 150, 80, 90, 120, 140, 60, 25, 12, 6, 2, 0],
    weekend: [0, 0, 0, 0, 0, 0, 2, 6, 12, 20, 22, 22, 20, 20, 18, 15, 12, 8, 5, 3, 2, 1, 0, 0],
  },
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long people stay: who goes out came in so long before (ms). */
const STAY_MS: Readonly<Record<Profile, number>> = {
  shop: 30 * 60_000,
  station: 8 * 60_000,
  campus: 4 * HOUR_MS,
};

/** People expected per hour in each direction at an instant of a site. */
export function ratesAt(profile: Profile, timeZone: string, at: number): { in: number; out: number } {
  return { in: rateAt(profile, timeZone, at), out: rateAt(profile, timeZone, at - STAY_MS[profile]) };
}

function rateAt(profile: Profile, timeZone: string, at: number): number {
  const { start } = bucketAt(timeZone, 'day', at);
  // 1970-01-01 was a Thursday; noon keeps zones and clock changes from moving the date.
  const weekday = (Math.floor((start + 12 * HOUR_MS) / DAY_MS) + 4) % 7;
  const rates = RATES[profile][weekday === 0 || weekday === 6 ? 'weekend' : 'work'];
  const hour = Math.min(23, (at - start) / HOUR_MS);
  const [from = 0, to = 0] = [rates[Math.floor(hour)], rates[(Math.floor(hour) + 1) % 24]];
  return from + (to - from) * (hour % 1);
}
