import type { Box } from '@headcount/shared';

/** A person followed over frames. */
export interface Track {
  /** 1, 2, 3 … unique per camera since the agent started. */
  readonly id: number;
  /** Filtered box in pixels of the frame. */
  readonly box: Box;
  /**
   * The box as last measured, with hidden feet or a hidden head put back by the person's known height. Where somebody
   * turns round the filtered box overshoots; this one does not.
   */
  readonly measured: Box;
  /** Score of the last matched detection, 0 to 1. */
  readonly score: number;
  /** Tentative tracks are never counted; lost ones are predicted and may be found again. */
  readonly state: 'tentative' | 'confirmed' | 'lost';
  /** Velocity of the foot point in pixels per second. */
  readonly velocity: { readonly x: number; readonly y: number };
  /** When it was born and last matched: monotonic ms. */
  readonly bornAt: number;
  readonly seenAt: number;
}
