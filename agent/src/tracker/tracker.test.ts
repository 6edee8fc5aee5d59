import { describe, expect, it } from 'vitest';
import type { Detection } from '../detector/detector.js';
import { assign, FORBIDDEN } from './assignment.js';
import type { Track } from './track.js';
import { createTracker } from './tracker.js';

const person = (x: number, y = 200, score = 0.8): Detection => ({ box: { x, y, w: 40, h: 100 }, score });

/** Feed frames, one every `stepMs`; gives the tracks after each. */
function run(frames: readonly (readonly Detection[])[], stepMs = 100): Track[][] {
  const tracker = createTracker({ highScore: 0.5 });
  return frames.map((detections, index) => tracker.update(detections, index * stepMs));
}

const last = <T>(list: readonly T[]): T => list[list.length - 1] as T;
const steps = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('assignment', () => {
  it('finds the cheapest pairs, not the greedy ones', () => {
    expect(
      assign([
        [1, 2],
        [1.5, 9],
      ]),
    ).toEqual([1, 0]);
  });

  it('leaves forbidden pairs unmatched, with more rows than columns and the other way round', () => {
    expect(assign([[FORBIDDEN], [3], [2]])).toEqual([-1, -1, 0]);
    expect(assign([[FORBIDDEN, 4, 1]])).toEqual([2]);
    expect(assign([])).toEqual([]);
    expect(assign([[]])).toEqual([-1]);
  });
});

describe('a tracker', () => {
  it.each([3, 5, 10, 15])('keeps one id for a walker at %i frames a second', (fps) => {
    const tracks = run(
      steps(fps * 4).map((step) => [person((step * 80) / fps)]),
      1000 / fps,
    );
    expect(new Set(tracks.flat().map(({ id }) => id))).toEqual(new Set([1]));
    expect(last(tracks)[0]).toMatchObject({ state: 'confirmed' });
    expect(last(tracks)[0]?.velocity.x).toBeCloseTo(80, -1);
  });

  it('never confirms what was seen once', () => {
    const tracks = run([[person(10)], [], [], [], []]);
    expect(tracks.flat().every(({ state }) => state === 'tentative')).toBe(true);
  });

  it('forgets a false detection within a second', () => {
    expect(last(run([[person(10)], ...steps(10).map(() => [])]))).toEqual([]);
  });

  it('finds a person again behind a lamp post and keeps the id', () => {
    const visible = (step: number) => (step < 15 || step > 24 ? [person(step * 8)] : []);
    const tracks = run(steps(40).map(visible));
    expect(last(tracks).map(({ id, state }) => `${id} ${state}`)).toEqual(['1 confirmed']);
    expect(tracks[20]?.[0]?.state).toBe('lost');
  });

  it('goes on with a low score but does not begin with one', () => {
    const weak = run(steps(20).map((step) => [person(step * 8, 200, step < 8 ? 0.8 : 0.35)]));
    expect(last(weak)[0]).toMatchObject({ id: 1, state: 'confirmed' });
    expect(last(run(steps(10).map((step) => [person(step * 8, 200, 0.35)])))).toEqual([]);
  });

  it('keeps two people who pass each other apart', () => {
    const frames = steps(40).map((step) => [person(step * 10, 200), person(400 - step * 10, 240)]);
    const end = last(run(frames));
    expect(end.find(({ id }) => id === 1)?.box.x).toBeGreaterThan(300);
    expect(end.find(({ id }) => id === 2)?.box.x).toBeLessThan(100);
  });

  it('holds a bounded number of tracks when the detector goes mad', () => {
    const mad = steps(5).map((step) =>
      steps(400).map((index) => person(index * 50, (index % 7) * 300 + step * 3000)),
    );
    expect(Math.max(...run(mad).map(({ length }) => length))).toBe(256);
  });
});
