import { describe, expect, it } from 'vitest';
import { geometrySchema } from '../../config/geometry.js';
import { geometryOf, moveCorner, newShape, removeCorner, shapesOf, splitSide, turnRound } from './shapes.js';

const GEOMETRY = geometrySchema.parse({
  lines: [{ id: 'door', name: 'Door', from: [0.1, 0.2], via: [[0.3, 0.4]], to: [0.5, 0.6], entrance: true }],
  zones: [
    {
      id: 'zone-4',
      name: 'Queue',
      polygon: [
        [0.2, 0.2],
        [0.6, 0.2],
        [0.6, 0.6],
      ],
      capacity: 5,
      anchor: 'centre',
    },
  ],
});

describe('drawing', () => {
  it('gives back what was drawn before, unchanged', () => {
    expect(geometryOf(shapesOf(GEOMETRY))).toEqual(GEOMETRY);
  });

  it('gives a new shape an id of its own and something that the agent takes', () => {
    const shapes = shapesOf(GEOMETRY);
    const drawn = [...shapes, newShape('line', shapes, 'Line'), newShape('zone', shapes, 'Zone')];
    expect(drawn.map(({ id }) => id)).toEqual(['door', 'zone-4', 'line-5', 'zone-5']);
    expect(geometrySchema.safeParse(geometryOf(drawn)).success).toBe(true);
  });

  it('keeps corners in the picture', () => {
    const [line] = shapesOf(GEOMETRY);
    expect(line && moveCorner(line, 2, [1.3, -0.2]).corners[2]).toEqual([1, 0]);
  });

  it('adds and removes corners, but leaves a line two and a zone three', () => {
    const [line, zone] = shapesOf(GEOMETRY);
    if (line === undefined || zone === undefined) throw new Error('two shapes');
    expect(splitSide(zone, 2).corners[3]).toEqual([0.4, 0.4]);
    expect(removeCorner(line, 1).corners).toEqual([
      [0.1, 0.2],
      [0.5, 0.6],
    ]);
    expect(removeCorner(removeCorner(line, 1), 0).corners).toHaveLength(2);
    expect(removeCorner(zone, 0).corners).toHaveLength(3);
  });

  it('turns a line round', () => {
    const [line] = shapesOf(GEOMETRY);
    const turned = line === undefined ? undefined : geometryOf([turnRound(line)]).lines[0];
    expect([turned?.from, turned?.to]).toEqual([GEOMETRY.lines[0]?.to, GEOMETRY.lines[0]?.from]);
  });
});
