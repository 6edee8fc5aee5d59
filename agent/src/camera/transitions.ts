import type { CameraCause, CameraState } from '@headcount/shared';
import type { FailureCause } from './diagnosis.js';
import type { StreamCondition } from './stream-conditions.js';

/** The shortest pause between attempts (ms). */
const BASE_MS = 1000;

/** What can happen to a camera. */
export type CameraEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'frame' }
  | { readonly kind: 'no-frame' }
  /** What is wrong with a stream that comes; undefined when nothing is. */
  | { readonly kind: 'condition'; readonly cause: StreamCondition | undefined }
  | { readonly kind: 'source-ended'; readonly cause: FailureCause }
  /** A closer look at a camera that is away. */
  | { readonly kind: 'diagnosed'; readonly cause: FailureCause }
  | { readonly kind: 'retry' };

/** A state with what moved the camera there. */
export interface Transition {
  readonly state: CameraState;
  readonly cause: CameraCause;
}

/** The next state, or undefined where the event changes nothing. */
export function nextState({ state, cause }: Transition, event: CameraEvent): Transition | undefined {
  switch (event.kind) {
    case 'start':
      return { state: 'connecting', cause: 'started' };
    case 'frame':
      // Frames of a frozen picture prove nothing: only a change of the picture ends that.
      return state === 'connecting' || (state === 'stalled' && cause !== 'frozen')
        ? { state: 'streaming', cause: 'first-frame' }
        : undefined;
    case 'no-frame':
      return state === 'streaming' || (state === 'stalled' && cause === 'frozen')
        ? { state: 'stalled', cause: 'silent' }
        : undefined;
    case 'condition':
      return withCondition({ state, cause }, event.cause);
    case 'source-ended':
      return state === 'disabled' ? undefined : { state: 'backoff', cause: event.cause };
    case 'diagnosed':
      return state === 'backoff' && cause !== event.cause
        ? { state: 'backoff', cause: event.cause }
        : undefined;
    case 'retry':
      return state === 'backoff' ? { state: 'connecting', cause: 'retry' } : undefined;
  }
}

/** A frozen picture is no picture: what it shows is not observed. Other conditions leave a stream that counts. */
function withCondition(
  { state, cause }: Transition,
  condition: StreamCondition | undefined,
): Transition | undefined {
  const frozen = state === 'stalled' && cause === 'frozen';
  if ((state !== 'streaming' && !frozen) || condition === cause) return undefined;
  if (condition === 'frozen') return { state: 'stalled', cause: condition };
  if (condition !== undefined) return { state: 'streaming', cause: condition };
  return cause === 'first-frame' || cause === 'recovered'
    ? undefined
    : { state: 'streaming', cause: 'recovered' };
}

/**
 * Milliseconds until the next attempt: "decorrelated jitter" of the AWS Architecture Blog, "Exponential Backoff And
 * Jitter": sleep = min(cap, random between base and three times the last sleep).
 * @param previousMs the pause before this one; 0 for the first
 * @param random 0 to 1
 * @param longestMs the cap
 */
export function backoffMs(previousMs: number, random: number, longestMs: number): number {
  const most = Math.max(BASE_MS, previousMs) * 3;
  return Math.round(Math.min(longestMs, BASE_MS + random * (most - BASE_MS)));
}
