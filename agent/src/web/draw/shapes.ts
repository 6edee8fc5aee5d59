import type { Geometry } from '../../config/geometry.js';

/** A corner in fractions of the picture, x to the right and y down. */
export type Corner = [number, number];

/** A line or a zone while it is drawn. */
export interface Shape {
  readonly kind: 'line' | 'zone';
  readonly id: string;
  readonly name: string;
  readonly corners: readonly Corner[];
  /** What people call the directions; lines only. */
  readonly directions: { readonly in: string; readonly out: string };
  /** People that may be in it; zones only. */
  readonly capacity: number | undefined;
  readonly anchor: Geometry['lines'][number]['anchor'];
  readonly entrance: boolean;
}

/** Fewest corners by kind. */
const FEWEST = { line: 2, zone: 3 } as const;
/** Most corners by kind, as the configuration allows. */
const MOST = { line: 16, zone: 32 } as const;
const DIGITS = 1e4;

/** What is drawn now, as shapes. */
export function shapesOf({ lines, zones }: Geometry): Shape[] {
  return [
    ...lines.map(({ from, via, to, ...line }): Shape => {
      const corners = [from, ...via, to].map(([x, y]): Corner => [x, y]);
      return { ...line, kind: 'line', corners, capacity: undefined };
    }),
    ...zones.map(({ polygon, ...zone }): Shape => {
      const corners = polygon.map(([x, y]): Corner => [x, y]);
      const { capacity } = zone;
      return {
        ...zone,
        kind: 'zone',
        corners,
        capacity,
        directions: { in: 'in', out: 'out' },
        entrance: false,
      };
    }),
  ];
}

/** The shapes as the agent takes them. */
export function geometryOf(shapes: readonly Shape[]): Geometry {
  return {
    lines: shapes
      .filter(({ kind }) => kind === 'line')
      .map(({ id, name, corners, directions, anchor, entrance }) => ({
        id,
        name: name.trim(),
        from: corners[0] ?? [0, 0],
        via: corners.slice(1, -1),
        to: corners.at(-1) ?? [1, 1],
        directions: { in: directions.in.trim() || 'in', out: directions.out.trim() || 'out' },
        anchor,
        entrance,
      })),
    zones: shapes
      .filter(({ kind }) => kind === 'zone')
      .map(({ id, name, corners, capacity, anchor }) => ({
        id,
        name: name.trim(),
        polygon: [...corners],
        anchor,
        ...(capacity !== undefined && { capacity }),
      })),
  };
}

/** A new shape in the middle of the picture, with an id that no shape has had in this drawing. */
export function newShape(kind: Shape['kind'], shapes: readonly Shape[], name: string): Shape {
  const numbers = shapes.map(({ id }) => Number(/^(?:line|zone)-(\d+)$/.exec(id)?.[1] ?? 0));
  const number = Math.max(0, ...numbers) + 1;
  const corners: Corner[] =
    kind === 'line'
      ? [
          [0.3, 0.6],
          [0.7, 0.6],
        ]
      : [
          [0.3, 0.4],
          [0.7, 0.4],
          [0.7, 0.8],
          [0.3, 0.8],
        ];
  return {
    kind,
    id: `${kind}-${number}`,
    name: `${name} ${number}`,
    corners,
    directions: { in: 'in', out: 'out' },
    capacity: undefined,
    anchor: 'bottom-centre',
    entrance: false,
  };
}

/** Put a corner somewhere else, kept within the picture. */
export function moveCorner(shape: Shape, index: number, [x, y]: Corner): Shape {
  return { ...shape, corners: shape.corners.with(index, [inside(x), inside(y)]) };
}

/** Add a corner in the middle of the side that begins at a corner; the shape itself when it has enough. */
export function splitSide(shape: Shape, index: number): Shape {
  const { corners, kind } = shape;
  const [from, to] = [corners[index], corners[(index + 1) % corners.length]];
  if (from === undefined || to === undefined || corners.length >= MOST[kind]) return shape;
  const middle: Corner = [inside((from[0] + to[0]) / 2), inside((from[1] + to[1]) / 2)];
  return { ...shape, corners: corners.toSpliced(index + 1, 0, middle) };
}

/** Take a corner away; the shape itself when it would be none any more. */
export function removeCorner(shape: Shape, index: number): Shape {
  if (shape.corners.length <= FEWEST[shape.kind]) return shape;
  return { ...shape, corners: shape.corners.toSpliced(index, 1) };
}

/** Let "in" be the other way. */
export function turnRound(shape: Shape): Shape {
  return { ...shape, corners: shape.corners.toReversed() };
}

/** Sides of a shape as [from, to, index]; a zone's last one closes it. */
export function sidesOf({ kind, corners }: Shape): [Corner, Corner, number][] {
  const count = kind === 'zone' ? corners.length : corners.length - 1;
  return Array.from({ length: count }, (_, index) => [
    corners[index] ?? [0, 0],
    corners[(index + 1) % corners.length] ?? [0, 0],
    index,
  ]);
}

function inside(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * DIGITS) / DIGITS;
}
