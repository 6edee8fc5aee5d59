import { z } from 'zod';

/** A point in fractions of the picture: [0, 0] is the upper left corner, [1, 1] the lower right one. */
export const pointSchema = z.tuple([
  z.number().min(0).max(1).describe('x, fraction of the picture width'),
  z.number().min(0).max(1).describe('y, fraction of the picture height'),
]);

/** A point in pixels or in fractions, as its owner says. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A directed segment. */
export interface Segment {
  readonly from: Point;
  readonly to: Point;
}

/** An axis-aligned box: upper left corner, width and height, in pixels of its picture. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/**
 * Signed distance of a point from the segment's infinite line, in the points' unit. Positive on the right-hand
 * side of somebody who walks from `from` to `to` on the picture (y grows downwards), negative on the left.
 */
export function signedDistance(segment: Segment, point: Point): number {
  const dx = segment.to.x - segment.from.x;
  const dy = segment.to.y - segment.from.y;
  const length = Math.hypot(dx, dy);
  return (dx * (point.y - segment.from.y) - dy * (point.x - segment.from.x)) / length;
}

/** Where a point's foot falls along the segment: 0 at `from`, 1 at `to`, outside that range beyond the ends. */
export function positionAlong(segment: Segment, point: Point): number {
  const dx = segment.to.x - segment.from.x;
  const dy = segment.to.y - segment.from.y;
  return ((point.x - segment.from.x) * dx + (point.y - segment.from.y) * dy) / (dx * dx + dy * dy);
}

/** Intersection over union of two boxes, 0 to 1. */
export function iou(a: Box, b: Box): number {
  const width = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.w * a.h + b.w * b.h - shared);
}

/** Whether a point lies inside a polygon (even-odd rule); corners in either direction, the last joins the first. */
export function insidePolygon(corners: readonly Point[], { x, y }: Point): boolean {
  let inside = false;
  corners.forEach((a, index) => {
    const b = corners[(index + 1) % corners.length] ?? a;
    if (a.y <= y !== b.y <= y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) inside = !inside;
  });
  return inside;
}

/** Where a point lies beside a path: see {@link locate}. */
export interface PathLocation {
  /** Signed distance from the path whose first and last segment go on for ever; positive on the right-hand side. */
  readonly distance: number;
  /** Whether the nearest point is on the path itself, not on those extensions. */
  readonly beside: boolean;
}

/**
 * Locate a point beside a path of two or more points. At a corner the side is that of the sum of both segments' normals
 * (pseudo-normal, Baerentzen and Aanaes 2005), so that it does not flip where the corner itself is nearest.
 */
export function locate(path: readonly Point[], point: Point): PathLocation {
  let best = { distance: Number.POSITIVE_INFINITY, side: 0, beside: false };
  for (let index = 0; index + 1 < path.length; index++) {
    const segment = segmentAt(path, index);
    if (segment === undefined) continue;
    const along = positionAlong(segment, point);
    const first = index === 0;
    const last = index + 2 === path.length;
    const bounded = Math.max(first ? along : 0, Math.min(last ? along : 1, along));
    const distance = Math.hypot(
      segment.from.x + bounded * (segment.to.x - segment.from.x) - point.x,
      segment.from.y + bounded * (segment.to.y - segment.from.y) - point.y,
    );
    if (distance >= best.distance) continue;
    const corner = along < 0 && !first ? index - 1 : along > 1 && !last ? index + 1 : undefined;
    const other = corner === undefined ? undefined : segmentAt(path, corner);
    const side = signedDistance(segment, point) + (other === undefined ? 0 : signedDistance(other, point));
    best = { distance, side, beside: (along >= 0 || !first) && (along <= 1 || !last) };
  }
  return { distance: best.side < 0 ? -best.distance : best.distance, beside: best.beside };
}

function segmentAt(path: readonly Point[], index: number): Segment | undefined {
  const from = path[index];
  const to = path[index + 1];
  return from === undefined || to === undefined ? undefined : { from, to };
}
