import type { CameraCause, CameraState } from '@headcount/shared';
import type { SourceEnd } from './frame.js';

/**
 * Waiting times between attempts. The last one and ffmpeg's connect time-out (8 s) together stay below the 15 s within
 * which a camera that returns must be counted again.
 */
const BACKOFF_SECONDS = [1, 2, 4] as const;
/** Share of the waiting time that is random, so that sixteen cameras behind one dead switch do not return at once. */
const JITTER = 0.2;

/** What can happen to a camera. */
export type CameraEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'frame' }
  | { readonly kind: 'no-frame' }
  | { readonly kind: 'source-ended'; readonly cause: SourceEnd['cause'] }
  | { readonly kind: 'retry' };

/** A state with what moved the camera there. */
export interface Transition {
  readonly state: CameraState;
  readonly cause: CameraCause;
}

/** The next state, or undefined where the event changes nothing. */
export function nextState(state: CameraState, event: CameraEvent): Transition | undefined {
  switch (event.kind) {
    case 'start':
      return { state: 'connecting', cause: 'started' };
    case 'frame':
      return state === 'connecting' || state === 'stalled'
        ? { state: 'streaming', cause: 'first-frame' }
        : undefined;
    case 'no-frame':
      return state === 'streaming' ? { state: 'stalled', cause: 'silent' } : undefined;
    case 'source-ended':
      return state === 'disabled' ? undefined : { state: 'backoff', cause: event.cause };
    case 'retry':
      return state === 'backoff' ? { state: 'connecting', cause: 'retry' } : undefined;
  }
}

/**
 * Milliseconds until attempt number `failures` + 1.
 * @param failures attempts that have failed in a row, from 1
 * @param random 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  const seconds = BACKOFF_SECONDS[Math.min(failures, BACKOFF_SECONDS.length) - 1] ?? 1;
  return Math.round(seconds * 1000 * (1 - JITTER + 2 * JITTER * random));
}
