const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
/** Frames are averaged over what operations rule camera-degraded waits for (minutes). */
const RATE_MINUTES = 10;

/** From best to worst. */
export const QUALITY_GRADES = ['good', 'fair', 'poor', 'unusable'] as const;

/** One of {@link QUALITY_GRADES}. */
export type QualityGrade = (typeof QUALITY_GRADES)[number];

/** How well a camera has worked lately. */
export interface Quality {
  readonly grade: QualityGrade;
  /** Frames counted in the last ten minutes as a share of the configured rate, 0 to 1. */
  readonly frameShare: number;
  /** Streams lost, and times without a new picture, in the last hour. */
  readonly reconnectsPerHour: number;
  readonly stallsPerHour: number;
}

/**
 * What a camera must keep for each grade, the best first. `poor` begins where operations rule camera-degraded fires
 * (frames below 60 %) and `unusable` where Frigate calls a camera so (more than 10 reconnects or 100 stalls an hour);
 * `good` is where that rule clears (90 %, 2 reconnects). Half of the slow share, and the steps between, are ours.
 */
const LIMITS: readonly { grade: QualityGrade; share: number; reconnects: number; stalls: number }[] = [
  { grade: 'good', share: 0.9, reconnects: 2, stalls: 10 },
  { grade: 'fair', share: 0.6, reconnects: 5, stalls: 50 },
  { grade: 'poor', share: 0.3, reconnects: 10, stalls: 100 },
];

interface Minute {
  /** Monotonic minutes. */
  readonly number: number;
  frames: number;
  reconnects: number;
  stalls: number;
}

/** Grades a camera over a sliding hour in at most 61 numbers of each kind. Pure; times are monotonic ms. */
export class QualityMeter {
  private readonly fps: number;
  private readonly startedAt: number;
  private minutes: Minute[] = [];
  private framesBefore = 0;

  /** @param fps configured frames per second */
  constructor(fps: number, now: number) {
    this.fps = fps;
    this.startedAt = now;
  }

  /** Note what happened; `frames` is the number counted since the start. */
  note(now: number, happened: { frames?: number; reconnects?: number; stalls?: number }): void {
    const minute = this.minute(now);
    const { frames = this.framesBefore, reconnects = 0, stalls = 0 } = happened;
    minute.frames += frames - this.framesBefore;
    minute.reconnects += reconnects;
    minute.stalls += stalls;
    this.framesBefore = frames;
  }

  /** The grade; undefined during the first minute, which proves nothing. */
  quality(now: number): Quality | undefined {
    if (now - this.startedAt < MINUTE_MS) return undefined;
    const first = this.minute(now).number - RATE_MINUTES + 1;
    const seconds = (now - Math.max(this.startedAt, first * MINUTE_MS)) / 1000;
    const recent = this.minutes.filter(({ number }) => number >= first);
    const frameShare = Math.min(1, sum(recent, 'frames') / (this.fps * seconds));
    const reconnectsPerHour = sum(this.minutes, 'reconnects');
    const stallsPerHour = sum(this.minutes, 'stalls');
    const kept = LIMITS.find(
      ({ share, reconnects, stalls }) =>
        frameShare >= share && reconnectsPerHour <= reconnects && stallsPerHour <= stalls,
    );
    return { grade: kept?.grade ?? 'unusable', frameShare, reconnectsPerHour, stallsPerHour };
  }

  private minute(now: number): Minute {
    const number = Math.floor(now / MINUTE_MS);
    this.minutes = this.minutes.filter((one) => one.number > number - HOUR_MINUTES);
    const last = this.minutes.at(-1);
    if (last?.number === number) return last;
    const fresh = { number, frames: 0, reconnects: 0, stalls: 0 };
    this.minutes.push(fresh);
    return fresh;
  }
}

function sum(minutes: readonly Minute[], key: 'frames' | 'reconnects' | 'stalls'): number {
  return minutes.reduce((total, minute) => total + minute[key], 0);
}
