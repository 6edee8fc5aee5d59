/** What the console and the API say of audits; here without a validator, so that the page stays small. */

/** Longest tally: nobody counts well for longer (ms). */
export const LONGEST_TALLY_MS = 4 * 3_600_000;
/** Under which light an audit was made. */
export const LIGHTS = ['day', 'dusk', 'night', 'artificial'] as const;
/** How many people crossed; thresholds stand in accuracy/strata.ts. */
export const DENSITIES = ['low', 'medium', 'high'] as const;
export const MAX_NOTE_LENGTH = 300;

export type Light = (typeof LIGHTS)[number];
export type Density = (typeof DENSITIES)[number];
