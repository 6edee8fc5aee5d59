/** What one camera shows at one moment. */
export interface CameraSample {
  readonly id: string;
  /** Connected and showing frames. */
  readonly streaming: boolean;
  /** Frames counted per second. */
  readonly fps: number;
  /** A frame was counted within the longest gap that still is observed time. */
  readonly observed: boolean;
}

/** How well a camera was counted over a stretch of time. */
export interface Quality {
  /** Mean frames counted per second. */
  readonly fps: number;
  /** Observed share of the time, 0 to 1. */
  readonly observed: number;
}

/** How long a change is watched (ms): what breaks under a new configuration breaks within minutes. */
export const TRIAL_MS = 10 * 60_000;
/** Cameras that start anew may connect for so long before they are judged (ms). */
const SETTLE_MS = 60_000;
/** Stretch over which a camera is judged (ms): one late frame is no fall. */
const WINDOW_MS = 60_000;
/** Below this share of what it was, a camera has fallen; 60 % alone would be an incident (rule camera-degraded). */
const FALLEN = 0.8;
/** Stretch before a change with which it is compared (ms). */
const BEFORE_MS = 5 * 60_000;
/** Cameras that were hardly counted before cannot get worse in a way that means something. */
const LEAST_FPS = 0.5;
const LEAST_OBSERVED = 0.5;

/** Means of a sliding stretch of time, in a bounded memory: sums of ten-second buckets. Pure. */
export class QualityWindow {
  private readonly buckets: { readonly from: number; fps: number; observed: number; samples: number }[] = [];
  private readonly lengthMs: number;

  constructor(lengthMs: number) {
    this.lengthMs = lengthMs;
  }

  /** @param at monotonic ms */
  add(at: number, sample: CameraSample): void {
    const last = this.buckets.at(-1);
    const from = Math.floor(at / 10_000) * 10_000;
    const bucket = last?.from === from ? last : { from, fps: 0, observed: 0, samples: 0 };
    if (bucket !== last) this.buckets.push(bucket);
    bucket.fps += sample.streaming ? sample.fps : 0;
    bucket.observed += sample.observed ? 1 : 0;
    bucket.samples += 1;
    while ((this.buckets[0]?.from ?? at) <= at - this.lengthMs) this.buckets.shift();
  }

  /** Undefined while nothing was seen. */
  quality(): Quality | undefined {
    const samples = this.buckets.reduce((sum, bucket) => sum + bucket.samples, 0);
    if (samples === 0) return undefined;
    const fps = this.buckets.reduce((sum, bucket) => sum + bucket.fps, 0) / samples;
    return { fps, observed: this.buckets.reduce((sum, bucket) => sum + bucket.observed, 0) / samples };
  }
}

/** How well every camera has been counted over the last minutes: what a change is compared with. */
export class Baseline {
  private readonly windows = new Map<string, QualityWindow>();

  /** About once a second. @param at monotonic ms */
  add(at: number, samples: readonly CameraSample[]): void {
    const present = new Set(samples.map(({ id }) => id));
    for (const id of this.windows.keys()) if (!present.has(id)) this.windows.delete(id);
    for (const sample of samples) {
      const window = this.windows.get(sample.id) ?? new QualityWindow(BEFORE_MS);
      this.windows.set(sample.id, window);
      window.add(at, sample);
    }
  }

  all(): Record<string, Quality> {
    return Object.fromEntries(
      [...this.windows].flatMap(([id, window]) => {
        const quality = window.quality();
        return quality === undefined ? [] : [[id, quality]];
      }),
    );
  }
}

/** What a trial compares. */
export interface TrialTerms {
  /** Cameras whose configuration changed. */
  readonly touched: readonly string[];
  /** How well every camera was counted before. */
  readonly before: Readonly<Record<string, Quality>>;
  /** Most frames per second that each camera is now asked for; a camera that is switched off is left out. */
  readonly wanted: Readonly<Record<string, number>>;
}

/** Durations of a trial (ms). */
export interface TrialTimes {
  readonly trialMs: number;
  readonly settleMs: number;
}

/** {@link TRIAL_MS} and the time for reconnecting. */
export const TRIAL_TIMES: TrialTimes = { trialMs: TRIAL_MS, settleMs: SETTLE_MS };

/**
 * Judges a change: kept when its time is over, taken back when a camera is counted clearly worse than before. A camera
 * that was not touched is judged by its frame rate while it streams, because a change may overload the gateway, but
 * not by its connection, which the change cannot have broken. Pure: time comes in.
 */
export class RollbackWatch {
  private readonly terms: TrialTerms;
  private readonly times: TrialTimes;
  private readonly windows = new Map<string, QualityWindow>();
  private readonly startedAt: number;
  private readonly judgeFrom: number;
  private readonly endAt: number;

  /**
   * @param at monotonic ms
   * @param elapsedMs how much of the trial was over before a restart
   */
  constructor(terms: TrialTerms, at: number, options: { times: TrialTimes; elapsedMs: number }) {
    this.terms = terms;
    this.times = options.times;
    this.startedAt = at - options.elapsedMs;
    this.judgeFrom = at + this.times.settleMs;
    // A restart late in a trial must leave time to look.
    this.endAt = Math.max(this.startedAt + this.times.trialMs, this.judgeFrom + this.times.settleMs);
  }

  /** Milliseconds of the trial that are over. */
  elapsedMs(at: number): number {
    return at - this.startedAt;
  }

  /**
   * Look at the cameras; about once a second.
   * @returns `kept`, why the change must be taken back, or undefined while the trial goes on
   */
  judge(at: number, samples: readonly CameraSample[]): 'kept' | { readonly reason: string } | undefined {
    if (at < this.judgeFrom) return undefined;
    for (const sample of samples) {
      const touched = this.terms.touched.includes(sample.id);
      if (!touched && !sample.streaming) continue;
      const window = this.windows.get(sample.id) ?? new QualityWindow(WINDOW_MS);
      this.windows.set(sample.id, window);
      window.add(at, sample);
    }
    const full = at >= this.judgeFrom + Math.min(WINDOW_MS, this.times.settleMs);
    const reason = full ? this.fallen() : undefined;
    if (reason !== undefined) return { reason };
    return at >= this.endAt ? 'kept' : undefined;
  }

  private fallen(): string | undefined {
    for (const [id, window] of this.windows) {
      const now = window.quality();
      const wanted = this.terms.wanted[id];
      if (now === undefined || wanted === undefined) continue;
      const reason = worse(id, this.expected(id, wanted), now);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** A camera that is new must show something; one that was slowed down on purpose may be slower. */
  private expected(id: string, wanted: number): Quality {
    const before = this.terms.before[id];
    if (before === undefined) return { fps: Math.min(1, wanted), observed: 1 };
    return { fps: Math.min(before.fps, wanted), observed: before.observed };
  }
}

function worse(id: string, expected: Quality, now: Quality): string | undefined {
  if (expected.observed >= LEAST_OBSERVED && now.observed < expected.observed * FALLEN)
    return `camera ${id} was observed ${percent(now.observed)} of the last minute, ${percent(expected.observed)} before`;
  if (expected.fps >= LEAST_FPS && now.fps < expected.fps * FALLEN)
    return `camera ${id} counted ${now.fps.toFixed(1)} frames per second, ${expected.fps.toFixed(1)} were expected`;
  return undefined;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
