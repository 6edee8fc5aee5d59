import type { SceneSample } from './scene-sample.js';

/** A place has a reference for each: an infrared night has other edges than the day. */
export const PROFILES = ['day', 'night'] as const;
/** One of {@link PROFILES}. */
export type Profile = (typeof PROFILES)[number];

/** It gets night without colour (infrared; H.264 leaves about half a step of chroma) or when it is dark … */
const NIGHT = { chroma: 1.2, luma: 45 };
/** … and day again with colour and light; in between it stays what it is. */
const DAY = { chroma: 2, luma: 60 };
/** The light must stay changed for so long (ms): a lorry's headlights are no dawn. */
const SWITCH_MS = 10_000;

/** Which profile the picture's light belongs to. */
export class ProfileChoice {
  private since: number | undefined;

  /** The profile that the light has asked for long enough; monotonic ms. */
  wanted(current: Profile, { chroma, luma }: Pick<SceneSample, 'chroma' | 'luma'>, at: number): Profile {
    const other = current === 'day' ? 'night' : 'day';
    const asks =
      current === 'day' ? chroma < NIGHT.chroma || luma < NIGHT.luma : chroma > DAY.chroma && luma > DAY.luma;
    this.since = asks ? (this.since ?? at) : undefined;
    return this.since !== undefined && at - this.since >= SWITCH_MS ? other : current;
  }
}
