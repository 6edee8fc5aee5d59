import type { Anchor } from '../config/camera-config.js';

/** An edge of the picture. */
export type Edge = 'left' | 'right' | 'upper' | 'lower';

/**
 * What should be drawn or set differently. The pages have words for every code in each of their languages; the log has
 * the codes. `part` counts the straight parts of a line from 1 and is null for a line of one part; `percent` is of the
 * picture's height for the upper and lower edge and of its width otherwise; rates are frames per second.
 */
export type Advice =
  | {
      readonly code: 'edge-too-close';
      readonly part: number | null;
      readonly edge: Edge;
      /** The point of a person that cannot be followed to the other side. */
      readonly anchor: Anchor;
      /** How far the line should be from the edge, at least. */
      readonly percent: number;
    }
  | { readonly code: 'people-too-large'; readonly part: number | null }
  | { readonly code: 'line-too-short'; readonly percent: number }
  | { readonly code: 'no-rate-enough' }
  | { readonly code: 'raise-fps'; readonly needed: number; readonly configured: number }
  | { readonly code: 'rate-too-low'; readonly needed: number }
  | { readonly code: 'zone-too-narrow' };
