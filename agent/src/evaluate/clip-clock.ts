/** Between the number of a frame (from 1) and its time since the first one (ms). */
export interface ClipClock {
  /** Time of a frame. */
  readonly timeOf: (frame: number) => number;
  /** Frame number at a time; lies between two frames where the time does. */
  readonly frameAt: (ms: number) => number;
}

/**
 * Frames that all lie 1 / fps apart.
 * @param first number of the frame at time 0
 */
export function steadyClock(fps: number, first = 1): ClipClock {
  return {
    timeOf: (frame) => ((frame - first) * 1000) / fps,
    frameAt: (ms) => first + (ms * fps) / 1000,
  };
}

/**
 * Frames at the times that a file gives, which need not be regular. Beyond its ends the clock runs at `fps`.
 * @param times ms of every frame, ascending, at least one
 */
export function recordedClock(times: readonly number[], fps: number): ClipClock {
  const start = times[0] ?? 0;
  const steady = steadyClock(fps);
  const last = times.length;
  const timeOf = (frame: number): number =>
    frame > last ? timeOf(last) + steady.timeOf(frame - last + 1) : (times[frame - 1] ?? start) - start;
  return {
    timeOf,
    frameAt: (ms) => {
      const index = firstAfter(times, ms + start);
      const before = times[index - 1];
      const after = times[index];
      if (before === undefined) return steady.frameAt(ms);
      if (after === undefined) return last - 1 + steady.frameAt(ms + start - before);
      return index + (ms + start - before) / (after - before);
    },
  };
}

/**
 * Times of a camera's frames, which carry no time stamp of their own but arrive at their pace. What was buffered while
 * the stream was opened arrives in one burst; there the number of a frame says its time. Later arrival does, so that lost
 * frames leave a gap. Both in one rule: the stream began at the earliest moment that any frame so far speaks for.
 * @returns time of a frame since the first one (ms, ascending), from its number (from 1) and its arrival (monotonic ms)
 */
export function createArrivalClock(fps: number): (frame: number, at: number) => number {
  const { timeOf } = steadyClock(fps);
  let startedAt = Infinity;
  return (frame, at) => {
    startedAt = Math.min(startedAt, at - timeOf(frame));
    return at - startedAt;
  };
}

/** Index of the first time after `ms`, by halving. */
function firstAfter(times: readonly number[], ms: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Slots begin a little early, so that 0.3 s * 10 falls into slot 3 whatever the last bit says. */
const SLOT_EPSILON = 1e-6;

/**
 * Thins frames to a rate: time is cut into slots of 1 / fps, and the first frame of each is taken. Depends on time
 * stamps only, so that two runs take the same frames.
 * @returns tells whether the frame at a time (ms, ascending) is taken
 */
export function createSampler(fps: number | undefined): (ms: number) => boolean {
  if (fps === undefined) return () => true;
  let lastSlot = -1;
  return (ms) => {
    const slot = Math.floor((ms * fps) / 1000 + SLOT_EPSILON);
    if (slot === lastSlot) return false;
    lastSlot = slot;
    return true;
  };
}
