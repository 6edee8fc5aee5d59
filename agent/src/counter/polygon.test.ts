import { describe, expect, it } from 'vitest';
import { depthOf, distanceInside, distanceToPath, distanceToSegment, toPixels } from './polygon.js';

const square = toPixels(
  [
    [0.1, 0.1],
    [0.5, 0.1],
    [0.5, 0.5],
    [0.1, 0.5],
  ],
  { width: 1000, height: 1000 },
);
/** A C that opens to the right. */
const concave = [
  { x: 0, y: 0 },
  { x: 100, y: 0 },
  { x: 100, y: 20 },
  { x: 20, y: 20 },
  { x: 20, y: 80 },
  { x: 100, y: 80 },
  { x: 100, y: 100 },
  { x: 0, y: 100 },
];

describe('the distance inside a polygon', () => {
  it.each([
    ['the middle', { x: 300, y: 300 }, 200],
    ['near an edge', { x: 110, y: 300 }, 10],
    ['outside an edge', { x: 70, y: 300 }, -30],
    ['outside a corner', { x: 70, y: 60 }, -50],
    ['on the boundary', { x: 100, y: 300 }, 0],
  ])('of %s', (_, point, expected) => {
    expect(distanceInside(square, point)).toBeCloseTo(expected, 6);
  });

  it('is negative in the bay of a concave one and the same for either direction of drawing', () => {
    for (const polygon of [concave, [...concave].reverse()]) {
      expect(distanceInside(polygon, { x: 60, y: 50 })).toBeCloseTo(-30, 6);
      expect(distanceInside(polygon, { x: 90, y: 10 })).toBeCloseTo(10, 6);
    }
  });
});

describe('depth', () => {
  it('is a quarter of a square and half the width of a long strip', () => {
    expect(depthOf(square)).toBeCloseTo(100, 6);
    const strip = [
      { x: 0, y: 0 },
      { x: 1000, y: 0 },
      { x: 1000, y: 10 },
      { x: 0, y: 10 },
    ];
    expect(depthOf(strip)).toBeCloseTo(5, 0);
  });
});

it('distances to a path and to a segment without length', () => {
  const path = [
    { x: 0, y: 0 },
    { x: 100, y: 0 },
    { x: 100, y: 100 },
  ];
  expect(distanceToPath(path, { x: 130, y: 140 })).toBeCloseTo(50, 6);
  expect(distanceToPath(path, { x: 50, y: -7 })).toBeCloseTo(7, 6);
  expect(distanceToSegment({ x: 3, y: 4 }, { x: 3, y: 4 }, { x: 0, y: 0 })).toBeCloseTo(5, 6);
});
