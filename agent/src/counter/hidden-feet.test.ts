/** Known failures of others that need the tracker as well as the line: people who are seen in part. */
import { describe, expect, it } from 'vitest';
import type { Detection } from '../detector/detector.js';
import { createTracker } from '../tracker/tracker.js';
import { createLineCounter } from './line-counter.js';

const HEIGHT = 100;
const VERTICAL = [
  { x: 300, y: 0 },
  { x: 300, y: 500 },
];
const HORIZONTAL = [
  { x: 0, y: 300 },
  { x: 600, y: 300 },
];

/** Somebody whose feet are at a place; of the box only the upper `visible` part is seen. */
function person(x: number, y: number, visible = 1): Detection {
  return { box: { x: x - 20, y: y - HEIGHT, w: 40, h: HEIGHT * visible }, score: 0.8 };
}

function count(path: typeof VERTICAL, frames: readonly (readonly Detection[])[]): string[] {
  const tracker = createTracker({ highScore: 0.5 });
  const counter = createLineCounter({ id: 'a', path, anchor: 'bottom-centre' });
  return frames.flatMap((detections, index) => {
    const at = index * 100;
    return counter.update(tracker.update(detections, at), at).map(({ direction }) => direction);
  });
}

const frames = (length: number) => Array.from({ length }, (_, index) => index);

describe('a pushchair in front', () => {
  it('hides the feet of somebody who crosses: counted once', () => {
    const walk = frames(60).map((frame) => {
      const x = 150 + frame * 6;
      return [person(x, 300, x > 250 && x < 350 ? 0.55 : 1)];
    });
    expect(count(VERTICAL, walk)).toEqual(['out']);
  });

  it('hides the feet of somebody who stands before the line for a second: not counted', () => {
    // The feet are 30 below the line, the hidden box ends 20 above it.
    const stand = frames(60).map((frame) => [person(300, 330, frame >= 20 && frame < 30 ? 0.5 : 1)]);
    expect(count(HORIZONTAL, stand)).toEqual([]);
  });
});

describe('somebody behind a lamp post', () => {
  it('who turns round there is not counted', () => {
    const x = (frame: number) => (frame < 15 ? 150 + frame * 8 : 262 - (frame - 15) * 8);
    const walk = frames(40).map((frame) => (frame >= 13 && frame < 20 ? [] : [person(x(frame), 300)]));
    expect(count(VERTICAL, walk)).toEqual([]);
  });

  it('who crosses there is counted once', () => {
    const walk = frames(60).map((frame) => (frame >= 16 && frame < 26 ? [] : [person(150 + frame * 7, 300)]));
    expect(count(VERTICAL, walk)).toEqual(['out']);
  });
});
