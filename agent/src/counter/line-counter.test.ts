import { describe, expect, it } from 'vitest';
import type { Track } from '../tracker/track.js';
import { createLineCounter, type Crossing } from './line-counter.js';

/** A line down the middle; "in" goes from the right of the picture (x > 300) to the left. */
const LINE = { from: { x: 300, y: 100 }, to: { x: 300, y: 400 } };
const HEIGHT = 100;

function track(x: number, at: number, change: Partial<Track> & { y?: number } = {}): Track {
  const { y = 250, ...rest } = change;
  return {
    id: 1,
    box: { x: x - 20, y: y - HEIGHT, w: 40, h: HEIGHT },
    score: 0.8,
    state: 'confirmed',
    velocity: { x: 0, y: 0 },
    bornAt: 0,
    seenAt: at,
    ...rest,
  };
}

/** Walk along the given x positions, one every `stepMs`. */
function walk(xs: readonly number[], change: Partial<Track> & { y?: number } = {}, stepMs = 100): Crossing[] {
  const counter = createLineCounter('a', LINE);
  return xs.flatMap((x, index) => counter.update([track(x, index * stepMs, change)], index * stepMs));
}

const leftwards = Array.from({ length: 21 }, (_, index) => 400 - index * 10);
const rightwards = [...leftwards].reverse();

describe('a line', () => {
  it('counts a walk from right to left as one "in", at the moment of crossing', () => {
    expect(walk(leftwards)).toMatchObject([
      { line: 'a', track: 1, direction: 'in', at: expect.closeTo(1000, -1) as number },
    ]);
  });

  it('counts a walk from left to right as one "out"', () => {
    expect(walk(rightwards)).toMatchObject([{ direction: 'out' }]);
  });

  it('counts coming back the other way', () => {
    const crossings = walk([...leftwards, ...rightwards]);
    expect(crossings.map(({ direction }) => direction)).toEqual(['in', 'out']);
  });

  it('counts at 3 frames a second as at 10', () => {
    expect(walk([430, 380, 330, 280, 230, 180], {}, 333)).toMatchObject([{ direction: 'in' }]);
  });

  const silent: readonly [string, readonly number[], (Partial<Track> & { y?: number })?][] = [
    ['somebody who stays on one side', [400, 380, 360, 340, 360, 380]],
    [
      'somebody who stands on the line for long',
      Array.from({ length: 600 }, (_, index) => 300 + 8 * Math.sin(index)),
    ],
    ['a step into the band and back', [400, 350, 310, 296, 290, 305, 340, 380, 400]],
    ['one frame of flicker over the line', [400, 390, 200, 390, 400, 390]],
    ['a walk past the end of the line', leftwards, { y: 450 }],
    ['a tentative track', leftwards, { state: 'tentative' }],
  ];
  it.each(silent)('does not count %s', (_, xs, change) => {
    expect(walk(xs, change)).toEqual([]);
  });

  it('does not move a track that was not seen in this frame', () => {
    const counter = createLineCounter('a', LINE);
    for (let at = 0; at < 500; at += 100) counter.update([track(400, at)], at);
    for (let at = 500; at < 2000; at += 100) expect(counter.update([track(200, 400)], at)).toEqual([]);
  });

  it('keeps two people who cross at the same moment in opposite directions apart', () => {
    const counter = createLineCounter('a', LINE);
    const crossings = leftwards.flatMap((x, index) =>
      counter.update([track(x, index * 100), track(600 - x, index * 100, { id: 2, y: 300 })], index * 100),
    );
    expect(crossings.map(({ track: id, direction }) => `${id} ${direction}`).sort()).toEqual([
      '1 in',
      '2 out',
    ]);
  });
});
