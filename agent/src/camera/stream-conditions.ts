import type { CameraCause } from '@headcount/shared';

/** What can be wrong with a stream that comes. */
export type StreamCondition = Extract<
  CameraCause,
  'frozen' | 'decode-errors' | 'cpu-pressure' | 'clock-step'
>;

/** Errors in the video within the window that damage pictures, and at most which the condition ends. */
const DECODE_ERRORS_ON = 10;
const DECODE_ERRORS_OFF = 2;
const WINDOW_MS = 10_000;
/** Operations rules camera-degraded and host-cpu-thermal: begin and end of both (shares). */
const SLOW_SHARE = 0.6;
const WELL_SHARE = 0.9;
const BUSY = 0.9;
const RELAXED = 0.8;
/** Slow and busy for so long, not for a moment (ms). */
const PRESSURE_MS = 10_000;
/** How long after a step of the wall clock a camera says so (ms). */
const CLOCK_STEP_MS = 10_000;

/** What a sweep sees of a stream. */
export interface Sight {
  /** Monotonic ms. */
  readonly now: number;
  readonly frozen: boolean;
  /** Errors since the decoder started. */
  readonly decodeErrors: number;
  /** Frames counted, as a share of the configured rate; undefined while nobody knows. */
  readonly frameShare: number | undefined;
  /** Share of all CPUs that is busy; undefined while nobody knows. */
  readonly cpuBusy: number | undefined;
}

/** Finds the worst thing that is wrong with a stream, with begin and end apart so that it does not flicker. */
export class StreamConditions {
  /** Errors at the sweeps of the window, oldest first; one sweep per half second bounds it. */
  private errors: { readonly at: number; readonly count: number }[] = [];
  private broken = false;
  private slowSince: number | undefined;
  private pressed = false;
  private steppedAt = -Infinity;

  /** A new decoder: what its predecessor did proves nothing. */
  reset(): void {
    this.errors = [];
    this.broken = false;
    this.slowSince = undefined;
    this.pressed = false;
  }

  /** The wall clock stepped. @param now monotonic ms */
  clockStepped(now: number): void {
    this.steppedAt = now;
  }

  /** True for ten seconds after a step. @param now monotonic ms */
  afterClockStep(now: number): boolean {
    return now - this.steppedAt < CLOCK_STEP_MS;
  }

  /** The worst condition, the one that hides most from the counts first. */
  judge(sight: Sight): StreamCondition | undefined {
    this.judgeErrors(sight);
    this.judgePressure(sight);
    if (sight.frozen) return 'frozen';
    if (this.broken) return 'decode-errors';
    if (this.pressed) return 'cpu-pressure';
    return this.afterClockStep(sight.now) ? 'clock-step' : undefined;
  }

  private judgeErrors({ now, decodeErrors }: Sight): void {
    this.errors.push({ at: now, count: decodeErrors });
    while ((this.errors[0]?.at ?? now) < now - WINDOW_MS) this.errors.shift();
    const recent = decodeErrors - (this.errors[0]?.count ?? decodeErrors);
    this.broken = recent > (this.broken ? DECODE_ERRORS_OFF : DECODE_ERRORS_ON - 1);
  }

  private judgePressure({ now, frameShare, cpuBusy }: Sight): void {
    if (frameShare === undefined || cpuBusy === undefined) return;
    const bad = this.pressed
      ? frameShare < WELL_SHARE && cpuBusy >= RELAXED
      : frameShare < SLOW_SHARE && cpuBusy >= BUSY;
    this.slowSince = bad ? (this.slowSince ?? now) : undefined;
    this.pressed = this.slowSince !== undefined && now - this.slowSince >= PRESSURE_MS;
  }
}
