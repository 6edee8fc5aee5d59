/** Property tests: any path, any frame rate, any jitter that a detector has. */
import type { Point } from '@headcount/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detection } from '../detector/detector.js';
import { createTracker } from '../tracker/tracker.js';
import { createLineCounter, type Crossing } from './line-counter.js';

const HEIGHT = 100;
const WIDTH = 40;
/** A detector's jitter: up to a quarter of a body width either way. */
const JITTER = WIDTH / 4;
const RUNS = 300;
/** Shrinking a failing path takes minutes and says little. */
const QUICK = { numRuns: RUNS, endOnFailure: true };

/** A slanted line, a straight one and one with corners; each from top to bottom around x = 1000. */
const LINES: Readonly<Record<string, readonly Point[]>> = {
  straight: [
    { x: 1000, y: -5000 },
    { x: 1000, y: 5000 },
  ],
  slanted: [
    { x: 700, y: -5000 },
    { x: 1300, y: 5000 },
  ],
  cornered: [
    { x: 1000, y: -5000 },
    { x: 1000, y: 300 },
    { x: 1100, y: 500 },
    { x: 1000, y: 5000 },
  ],
};

interface Scene {
  readonly line: string;
  readonly fps: number;
  /** Body heights per second, slow walker to runner. */
  readonly speed: number;
  /** Each frame's deviation, -1..1: sideways wander and the detector's jitter. */
  readonly noise: readonly (readonly [number, number, number])[];
}

const scenes = fc.record({
  line: fc.constantFrom('straight', 'slanted', 'cornered'),
  fps: fc.double({ min: 3, max: 15, noNaN: true }),
  speed: fc.double({ min: 0.3, max: 2.5, noNaN: true }),
  noise: fc.array(
    fc.tuple(...([0, 1, 2] as const).map(() => fc.double({ min: -1, max: 1, noNaN: true }))) as fc.Arbitrary<
      [number, number, number]
    >,
    { minLength: 20, maxLength: 60 },
  ),
});

/** Track a path of foot points from detections and count it over a line. */
function count(path: readonly Point[], { line, fps, noise }: Scene): Crossing[] {
  const tracker = createTracker({ highScore: 0.5 });
  const counter = createLineCounter({ id: 'a', path: LINES[line] ?? [], anchor: 'bottom-centre' });
  return path.flatMap(({ x, y }, index) => {
    const [, dx = 0, dy = 0] = noise[index % noise.length] ?? [];
    const box = { x: x - WIDTH / 2 + dx * JITTER, y: y - HEIGHT + dy * JITTER, w: WIDTH, h: HEIGHT };
    const at = (index * 1000) / fps;
    const detections: Detection[] = [{ box, score: 0.8 }];
    return counter.update(tracker.update(detections, at), at);
  });
}

/** From far left to far right at a steady pace, wandering up and down by up to half a walking pace. */
function across({ fps, speed, noise }: Scene): Point[] {
  const step = (speed * HEIGHT) / fps;
  const frames = Math.ceil(1400 / step) + 10;
  let y = 300;
  return Array.from({ length: frames }, (_, index) => {
    y += ((noise[index % noise.length]?.[0] ?? 0) * step) / 2;
    return { x: 300 + index * step, y };
  });
}

describe('through tracker and line counter', () => {
  it('every path from far left to far right is counted exactly once, at any frame rate, with any jitter', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        expect(count(across(scene), scene).map(({ direction }) => direction)).toEqual(['out']);
      }),
      QUICK,
    );
  });

  it('and every path back exactly once the other way', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const back = [...across(scene)].reverse();
        expect(count(back, scene).map(({ direction }) => direction)).toEqual(['in']);
      }),
      QUICK,
    );
  });

  it('no path that stays on one side is ever counted, however near it comes', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const step = (scene.speed * HEIGHT) / scene.fps;
        // Walks to and fro and is turned back at the line, to the left of everything that the corners reach.
        const limit = scene.line === 'slanted' ? 940 : 1000;
        let x = 800;
        const path = Array.from({ length: 200 }, (_, index) => {
          const way = scene.noise[Math.floor(index / 5) % scene.noise.length]?.[0] ?? 0;
          x = Math.min(limit, x + (way > -0.4 ? step : -step));
          return { x, y: 200 };
        });
        expect(count(path, scene)).toEqual([]);
      }),
      QUICK,
    );
  });
});
