import type { Box, Point } from '@headcount/shared';
import type { Anchor } from '../config/camera-config.js';

/** The point of a box that must cross a line or stand in a zone, in the box's pixels. */
export function anchorOf({ x, y, w, h }: Box, anchor: Anchor): Point {
  const down = { 'bottom-centre': h, centre: h / 2, head: 0 }[anchor];
  return { x: x + w / 2, y: y + down };
}
