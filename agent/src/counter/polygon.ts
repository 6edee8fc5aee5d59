import { insidePolygon, type Point } from '@headcount/shared';

/** Points of the configuration (fractions of the picture) in pixels of a picture. */
export function toPixels(
  points: readonly (readonly [number, number])[],
  picture: { readonly width: number; readonly height: number },
): Point[] {
  return points.map(([x, y]) => ({ x: x * picture.width, y: y * picture.height }));
}

/**
 * Distance of a point from the boundary of a polygon, in the points' unit: positive inside, negative outside. Inside
 * is meant by the even-odd rule, so that concave polygons and those that cross themselves work.
 */
export function distanceInside(polygon: readonly Point[], point: Point): number {
  const distance = edgesOf(polygon).reduce(
    (nearest, [from, to]) => Math.min(nearest, distanceToSegment(from, to, point)),
    Infinity,
  );
  return insidePolygon(polygon, point) ? distance : -distance;
}

/** Distance of a point from an open polyline of at least one point, in the points' unit. */
export function distanceToPath(path: readonly Point[], point: Point): number {
  return path.reduce((nearest, from, index) => {
    return Math.min(nearest, distanceToSegment(from, path[index + 1] ?? from, point));
  }, Infinity);
}

/** Distance of a point from the segment between two points. */
export function distanceToSegment(from: Point, to: Point, point: Point): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / squared;
  const share = Math.max(0, Math.min(1, along));
  return Math.hypot(point.x - from.x - share * dx, point.y - from.y - share * dy);
}

/**
 * Area divided by perimeter, in the points' unit: half the width of a long strip, a quarter of a square's side. Never
 * more than the radius of the largest circle inside, so it tells how deep somebody can stand in the polygon.
 */
export function depthOf(polygon: readonly Point[]): number {
  const edges = edgesOf(polygon);
  const doubled = edges.reduce((sum, [from, to]) => sum + from.x * to.y - to.x * from.y, 0);
  const perimeter = edges.reduce((sum, [from, to]) => sum + Math.hypot(to.x - from.x, to.y - from.y), 0);
  return perimeter === 0 ? 0 : Math.abs(doubled) / 2 / perimeter;
}

function edgesOf(polygon: readonly Point[]): (readonly [Point, Point])[] {
  return polygon.map((from, index) => [from, polygon[(index + 1) % polygon.length] ?? from] as const);
}
