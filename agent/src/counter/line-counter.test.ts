import type { Point } from '@headcount/shared';
import { describe, expect, it } from 'vitest';
import type { Anchor } from '../config/camera-config.js';
import type { Track } from '../tracker/track.js';
import { createLineCounter, type Crossing } from './line-counter.js';

/** A line down the middle; "in" goes from the right of the picture (x > 300) to the left. */
const PATH: readonly Point[] = [
  { x: 300, y: 100 },
  { x: 300, y: 400 },
];
const HEIGHT = 100;

type Change = Partial<Track> & { y?: number; height?: number };

function track(x: number, at: number, change: Change = {}): Track {
  const { y = 250, height = HEIGHT, ...rest } = change;
  const box = { x: x - height / 5, y: y - height, w: (height * 2) / 5, h: height };
  return {
    id: 1,
    box,
    measured: box,
    score: 0.8,
    state: 'confirmed',
    velocity: { x: 0, y: 0 },
    bornAt: 0,
    seenAt: at,
    ...rest,
  };
}

function counterOn(path = PATH, anchor: Anchor = 'bottom-centre') {
  return createLineCounter({ id: 'a', path, anchor });
}

/** Walk along the given x positions, one every `stepMs`. */
function walk(xs: readonly number[], change: Change = {}, stepMs = 100): Crossing[] {
  const counter = counterOn();
  return xs.flatMap((x, index) => counter.update([track(x, index * stepMs, change)], index * stepMs));
}

/** Feed frames of tracks, one every 100 ms, and a while of nobody after them. */
function replay(frames: readonly (readonly Track[])[], quietFrames = 60): Crossing[] {
  const counter = counterOn();
  const quiet = Array.from({ length: quietFrames }, () => []);
  return [...frames, ...quiet].flatMap((tracks, index) => counter.update(tracks, index * 100));
}

const leftwards = Array.from({ length: 21 }, (_, index) => 400 - index * 10);
const rightwards = [...leftwards].reverse();

describe('a line', () => {
  it('counts a walk from right to left as one "in", at the moment of crossing', () => {
    expect(walk(leftwards)).toMatchObject([
      { line: 'a', track: 1, direction: 'in', at: expect.closeTo(1000, -1) as number, stitched: false },
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

  it('counts somebody who is seen only once before the line', () => {
    expect(walk([330, 260, 190, 120], {}, 333)).toMatchObject([{ direction: 'in' }]);
  });

  const silent: readonly [string, readonly number[], Change?][] = [
    ['somebody who stays on one side', [400, 380, 360, 340, 360, 380]],
    ['a step into the band and back', [400, 350, 310, 296, 290, 305, 340, 380, 400]],
    ['a walk past the end of the line', leftwards, { y: 450 }],
    ['a tentative track', leftwards, { state: 'tentative' }],
  ];
  it.each(silent)('does not count %s', (_, xs, change) => {
    expect(walk(xs, change)).toEqual([]);
  });

  it('does not move a track that was not seen in this frame', () => {
    const counter = counterOn();
    for (let at = 0; at < 500; at += 100) counter.update([track(400, at)], at);
    for (let at = 500; at < 2000; at += 100) expect(counter.update([track(200, 400)], at)).toEqual([]);
  });

  it.each([
    ['bottom-centre', 250, 0],
    ['centre', 250, 1],
    ['head', 250, 1],
    ['head', 100, 0],
  ] as const)('is crossed by the %s of a box whose feet are at y = %i', (anchor, y, count) => {
    // The line ends above the feet, at y = 220: feet pass below it, hips and heads over it.
    const path = [
      { x: 300, y: 100 },
      { x: 300, y: 220 },
    ];
    const counter = counterOn(path, anchor);
    const crossings = leftwards.flatMap((x, index) =>
      counter.update([track(x, index * 100, { y })], index * 100),
    );
    expect(crossings).toHaveLength(count);
  });
});

describe('a line with a corner', () => {
  const CORNER = [
    { x: 100, y: 300 },
    { x: 300, y: 300 },
    { x: 300, y: 500 },
  ];
  const walkOver = (points: readonly Point[]) => {
    const counter = counterOn(CORNER);
    return points.flatMap(({ x, y }, index) => counter.update([track(x, index * 100, { y })], index * 100));
  };
  const between = (from: Point, to: Point) =>
    Array.from({ length: 21 }, (_, index) => ({
      x: from.x + ((to.x - from.x) * index) / 20,
      y: from.y + ((to.y - from.y) * index) / 20,
    }));

  it.each([
    ['its first part', { x: 200, y: 200 }, { x: 200, y: 420 }],
    ['its second part', { x: 400, y: 420 }, { x: 180, y: 420 }],
    ['the corner itself', { x: 380, y: 220 }, { x: 220, y: 380 }],
  ])('counts "in" over %s once', (_, from, to) => {
    expect(walkOver(between(from, to)).map(({ direction }) => direction)).toEqual(['in']);
    expect(walkOver(between(to, from)).map(({ direction }) => direction)).toEqual(['out']);
  });

  it('does not count who walks round its end', () => {
    const round = [
      ...between({ x: 200, y: 200 }, { x: 20, y: 200 }),
      ...between({ x: 20, y: 200 }, { x: 20, y: 420 }),
      ...between({ x: 20, y: 420 }, { x: 200, y: 420 }),
    ];
    expect(walkOver(round)).toEqual([]);
  });
});

describe('known failures of other counters', () => {
  it('one frame of flicker over the line', () => {
    expect(walk([400, 390, 200, 390, 400, 390])).toEqual([]);
    expect(walk([400, 390, 200, 390, 400, 390], {}, 333)).toEqual([]);
  });

  it('a person who stands on the line for a minute', () => {
    const sway = Array.from({ length: 600 }, (_, index) => 300 + 8 * Math.sin(index));
    expect(walk(sway)).toEqual([]);
    expect(walk([...leftwards.slice(0, 10), ...sway])).toEqual([]);
    expect(walk([...leftwards.slice(0, 10), ...sway, ...leftwards.slice(11)])).toHaveLength(1);
  });

  it('two people who cross at the same moment in opposite directions', () => {
    const frames = leftwards.map((x, index) => [
      track(x, index * 100),
      track(600 - x, index * 100, { id: 2, y: 300 }),
    ]);
    expect(
      replay(frames)
        .map(({ track: id, direction }) => `${id} ${direction}`)
        .sort(),
    ).toEqual(['1 in', '2 out']);
  });

  const velocity = { x: -100, y: 0 };
  /** Somebody whose track dies at one x and is born again as another one at the next. */
  const switched = (diesAt: number, bornAt: number, change: Change = {}) => [
    ...leftwards.filter((x) => x >= diesAt).map((x) => track(x, (400 - x) * 10, { velocity })),
    ...leftwards
      .filter((x) => x <= bornAt)
      .map((x) => track(x, (400 - x) * 10, { id: 2, bornAt: (400 - bornAt) * 10, velocity, ...change })),
  ];
  const play = (tracks: readonly Track[]) => {
    const frames = Array.from({ length: 40 }, (_, index) =>
      tracks.filter(({ seenAt }) => Math.round(seenAt / 100) === index),
    );
    return replay(frames);
  };

  it('an id switch at the line is counted once and marked', () => {
    for (const diesAt of [310, 300, 290]) {
      expect(play(switched(diesAt, diesAt - 10))).toMatchObject([{ direction: 'in', stitched: true }]);
    }
  });

  it('a person lost in the band for a second and found under another id is counted once', () => {
    expect(play(switched(310, 230))).toMatchObject([{ direction: 'in', stitched: true }]);
  });

  it.each<[string, Change]>([
    ['walks the other way', { velocity: { x: 100, y: 0 } }],
    ['is a child', { height: 60 }],
    ['appears elsewhere', { y: 380 }],
  ])('a new track that %s is somebody else', (_, change) => {
    expect(play(switched(310, 280, change))).toEqual([]);
  });

  it('a new track after two seconds is somebody else', () => {
    const late = switched(310, 280).map((one) =>
      one.id === 2 ? { ...one, seenAt: one.seenAt + 2000, bornAt: one.bornAt + 2000 } : one,
    );
    expect(play(late)).toEqual([]);
  });

  it('a dead track that is found again after it was joined does not count a second time', () => {
    const joined = switched(310, 290);
    const again = [2200, 2300, 2400, 2500].map((at) => track(150, at, { velocity }));
    expect(play([...joined, ...again])).toHaveLength(1);
  });

  it('a box that straddles the line', () => {
    const wide = (x: number, at: number) => {
      const one = track(x, at);
      const box = { ...one.box, x: x - 150, w: 300 };
      return { ...one, box, measured: box };
    };
    const counter = counterOn();
    const still = Array.from({ length: 50 }, (_, index) =>
      counter.update([wide(340, index * 100)], index * 100),
    );
    expect(still.flat()).toEqual([]);
  });

  it('a line near the edge of the picture: somebody leaves with one sight behind it', () => {
    const frames = [340, 330, 320, 310, 282].map((x, index) => [track(x, index * 100, { velocity })]);
    expect(replay(frames)).toMatchObject([{ direction: 'in', at: expect.closeTo(336, 0) as number }]);
  });

  it('a line near the edge of the picture: somebody waits at it and is lost', () => {
    const frames = [340, 330, 320, 320, 282].map((x, index) => [track(x, index * 100)]);
    expect(replay(frames)).toEqual([]);
  });

  it('a detector that drops every third frame inside the band', () => {
    const frames = leftwards.map((x, index) => (index % 3 === 1 ? [] : [track(x, index * 100)]));
    expect(replay(frames)).toHaveLength(1);
  });

  it('a group of five side by side', () => {
    const frames = leftwards.map((x, index) =>
      [0, 1, 2, 3, 4].map((id) => track(x + id * 3, index * 100, { id, y: 180 + id * 45 })),
    );
    expect(replay(frames).map(({ direction }) => direction)).toEqual(['in', 'in', 'in', 'in', 'in']);
  });
});
