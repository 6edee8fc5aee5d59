import { describe, expect, it } from 'vitest';
import { mergeTiles } from './merge-tiles.js';

/** Two tiles of 400 x 300 that share 100 columns: 0..400 and 300..700. */
const LEFT = { x: 0, y: 0, w: 400, h: 300 };
const RIGHT = { x: 300, y: 0, w: 400, h: 300 };
const person = (x: number, w: number, { y = 100, h = 90, score = 0.8 } = {}) => ({
  box: { x, y, w, h },
  score,
});

describe('people of overlapping tiles', () => {
  it('are kept once when both tiles see them whole', () => {
    const merged = mergeTiles([
      { area: LEFT, detections: [person(320, 40)] },
      { area: RIGHT, detections: [person(322, 39, { y: 101, score: 0.7 })] },
    ]);
    expect(merged).toEqual([person(320, 40)]);
  });

  it('are whole when one tile sees them whole and the other cuts them', () => {
    const merged = mergeTiles([
      { area: LEFT, detections: [person(380, 20, { score: 0.9 })] },
      { area: RIGHT, detections: [person(380, 40)] },
    ]);
    expect(merged).toEqual([person(380, 40)]);
  });

  it('are joined from two halves when they are wider than what the tiles share', () => {
    const merged = mergeTiles([
      { area: LEFT, detections: [person(280, 120, { y: 50, h: 200 })] },
      { area: RIGHT, detections: [person(300, 130, { y: 52, h: 198, score: 0.7 })] },
    ]);
    expect(merged).toEqual([{ box: { x: 280, y: 50, w: 150, h: 200 }, score: 0.8 }]);
  });

  it('who stand side by side on the seam stay two', () => {
    const merged = mergeTiles([
      { area: LEFT, detections: [person(310, 40)] },
      { area: RIGHT, detections: [person(310, 40), person(345, 40)] },
    ]);
    expect(merged).toHaveLength(2);
  });

  it('at the edge of the picture are not cut by a seam', () => {
    const merged = mergeTiles([
      { area: LEFT, detections: [person(0, 20)] },
      { area: RIGHT, detections: [person(680, 20)] },
    ]);
    expect(merged.map(({ box }) => box.x)).toEqual([0, 680]);
  });
});
