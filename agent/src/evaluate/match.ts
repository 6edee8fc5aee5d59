import type { Direction } from '@headcount/shared';

/** A crossing in frame numbers. */
export interface FrameEvent {
  readonly frame: number;
  readonly direction: Direction;
}

/** How well one line was counted, in events. */
export interface LineScore {
  readonly truth: number;
  readonly right: number;
  readonly missed: number;
  readonly extra: number;
  /** At the right time but in the other direction; counted neither as missed nor as extra. */
  readonly wrongDirection: number;
}

/**
 * Match counted events with true ones, nearest first, each at most once. Matching in time rather than comparing sums,
 * because a miss and a false count would cancel.
 * @param optional events that count neither as right nor as wrong
 * @param tolerance farthest match in frames
 */
export function matchEvents(options: {
  counted: readonly FrameEvent[];
  truth: readonly FrameEvent[];
  optional: readonly FrameEvent[];
  tolerance: number;
}): LineScore {
  const { tolerance } = options;
  const same = pair(options.counted, options.truth, tolerance, true);
  const optional = pair(same.left, options.optional, tolerance, true);
  const turned = pair(optional.left, same.unmatched, tolerance, false);
  return {
    truth: options.truth.length,
    right: same.matched,
    missed: turned.unmatched.length,
    extra: turned.left.length,
    wrongDirection: turned.matched,
  };
}

function pair(
  counted: readonly FrameEvent[],
  truth: readonly FrameEvent[],
  tolerance: number,
  sameDirection: boolean,
): { matched: number; left: FrameEvent[]; unmatched: FrameEvent[] } {
  const pairs = counted
    .flatMap((event) => truth.map((target) => ({ event, target, gap: Math.abs(event.frame - target.frame) })))
    .filter(
      ({ event, target, gap }) =>
        gap <= tolerance && (event.direction === target.direction) === sameDirection,
    )
    .sort((a, b) => a.gap - b.gap);
  const usedEvents = new Set<FrameEvent>();
  const usedTargets = new Set<FrameEvent>();
  for (const { event, target } of pairs) {
    if (usedEvents.has(event) || usedTargets.has(target)) continue;
    usedEvents.add(event);
    usedTargets.add(target);
  }
  return {
    matched: usedEvents.size,
    left: counted.filter((event) => !usedEvents.has(event)),
    unmatched: truth.filter((target) => !usedTargets.has(target)),
  };
}
