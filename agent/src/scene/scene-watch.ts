import { SCENE_CONDITIONS, type SceneCondition } from '@headcount/shared';
import type { Frame } from '../camera/frame.js';
import { HeldCondition } from './held-condition.js';
import { compare, judgeLight, judgePlace, placeOf, structureLost, type Place } from './judge.js';
import { medianPicture } from './median.js';
import { ProfileChoice, type Profile } from './profile.js';
import { learnReference, type SceneReference } from './reference.js';
import { sampleScene, type SceneSample } from './scene-sample.js';

/** Pictures are looked at so often (ms): conditions are told after a minute. */
const SAMPLE_MS = 1000;
/** A longer pause is an interruption (ms). */
const LONGEST_PAUSE_MS = 10_000;
/** The place without people: the median of the last nine pictures taken so far apart (ms) … */
const BACKGROUND_MS = 5000;
const BACKGROUND_PICTURES = 9;
/** … or at least of so many. */
const LEAST_BACKGROUND = 5;
/** A reference is learnt from so many pictures, so far apart (ms): two minutes. */
const LEARN_PICTURES = 31;
const LEARN_MS = 4000;

/** What outlives a restart. */
export interface SceneMemory {
  readonly active: readonly SceneCondition[];
  readonly references: Readonly<Partial<Record<Profile, SceneReference>>>;
}

/** Nothing is known of the place yet. */
export const NO_MEMORY: SceneMemory = { active: [], references: {} };

/**
 * Watches whether one camera still shows the place that it was set up for. Looks at one picture a second; people do not
 * count, because the place is a median over time and its blocks vote.
 */
export class SceneWatch {
  private readonly onChange: (memory: SceneMemory) => void;
  private places = new Map<Profile, Place>();
  private held = new Map<SceneCondition, HeldCondition>();
  private readonly choice = new ProfileChoice();
  private current: Profile = 'day';
  private lessons: SceneSample[] = [];
  private recent: Uint8Array[] = [];
  private sampledAt = -Infinity;
  private lessonAt = -Infinity;
  private recentAt = -Infinity;
  private lastHash: number | undefined;

  /** @param onChange called when a condition begins or ends, or a reference was learnt */
  constructor(onChange: (memory: SceneMemory) => void) {
    this.onChange = onChange;
    this.recall(NO_MEMORY);
  }

  /** Go on with what is remembered; with {@link NO_MEMORY} the place is learnt anew. */
  recall({ active, references }: SceneMemory): void {
    this.places = new Map(
      (Object.entries(references) as [Profile, SceneReference][]).map(([profile, reference]) => [
        profile,
        placeOf(reference),
      ]),
    );
    this.held = new Map(
      SCENE_CONDITIONS.map((condition) => [condition, new HeldCondition(active.includes(condition))]),
    );
    this.forgetPictures();
  }

  get memory(): SceneMemory {
    const references = Object.fromEntries(
      [...this.places].map(([profile, { reference }]) => [profile, reference]),
    );
    return { active: this.active, references };
  }

  /** Conditions that hold now. */
  get active(): SceneCondition[] {
    return SCENE_CONDITIONS.filter((condition) => this.held.get(condition)?.active === true);
  }

  get profile(): Profile {
    return this.current;
  }

  /** True while there is no reference for the light that there is. */
  get learning(): boolean {
    return !this.places.has(this.current);
  }

  see({ picture, at }: Pick<Frame, 'picture' | 'at'>): void {
    const pause = at - this.sampledAt;
    if (pause < SAMPLE_MS) return;
    if (pause > LONGEST_PAUSE_MS) this.interrupt();
    this.sampledAt = at;
    const before = this.active.join();
    const sample = sampleScene(picture);
    this.chooseProfile(sample, at);
    const light = judgeLight(sample, this.places.get(this.current)?.reference);
    const seen = this.look(sample, light, at);
    for (const [condition, held] of this.held) held.update(seen[condition], at);
    const learnt = light === undefined && !this.held.get('frozen')?.active && this.learn(sample, at);
    if (learnt || this.active.join() !== before) this.onChange(this.memory);
  }

  /** What this picture says about each condition; nothing where it cannot tell. */
  private look(
    sample: SceneSample,
    light: 'black' | 'overexposed' | undefined,
    at: number,
  ): Partial<Record<SceneCondition, boolean>> {
    const frozen = this.lastHash === undefined ? undefined : sample.hash === this.lastHash;
    this.lastHash = sample.hash;
    const seen = { ...(frozen !== undefined && { frozen }) };
    const bright = { black: light === 'black', overexposed: light === 'overexposed' };
    // In the dark and in the glare nobody can tell where the camera looks.
    if (light !== undefined) return { ...seen, ...bright };
    const due = at - this.recentAt >= BACKGROUND_MS;
    if (due) {
      this.recentAt = at;
      this.recent = [...this.recent, sample.grey].slice(-BACKGROUND_PICTURES);
    }
    const place = this.places.get(this.current);
    if (!due || place === undefined || this.recent.length < LEAST_BACKGROUND) return { ...seen, ...bright };
    const verdict = judgePlace(sample, compare(medianPicture(this.recent), place), place);
    return {
      ...seen,
      ...bright,
      covered: verdict === 'covered',
      moved: verdict === 'moved',
      defocused: verdict === 'defocused',
    };
  }

  /** @returns true when the reference is complete */
  private learn(sample: SceneSample, at: number): boolean {
    if (!this.learning || at - this.lessonAt < LEARN_MS) return false;
    this.lessonAt = at;
    this.lessons.push(sample);
    if (this.lessons.length < LEARN_PICTURES) return false;
    this.places.set(this.current, placeOf(learnReference(this.lessons)));
    this.lessons = [];
    return true;
  }

  /** A hand before the lens takes the colour away like a night does: without structure there is no other profile. */
  private chooseProfile(sample: SceneSample, at: number): void {
    const wanted = this.choice.wanted(this.current, sample, at);
    if (wanted === this.current) return;
    const place = this.places.get(this.current);
    const tampered = this.active.some((condition) => condition !== 'frozen');
    if (place !== undefined && (tampered || structureLost(compare(sample.grey, place)))) return;
    this.current = wanted;
    this.forgetPictures();
  }

  private interrupt(): void {
    for (const held of this.held.values()) held.interrupt();
    this.forgetPictures();
  }

  private forgetPictures(): void {
    this.lessons = [];
    this.recent = [];
    this.lastHash = undefined;
    this.recentAt = -Infinity;
    this.lessonAt = -Infinity;
  }
}
