import type { Point } from '@headcount/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Track } from '../tracker/track.js';
import { distanceInside } from './polygon.js';
import { createZoneCounter, type Visit, type ZoneOptions, type ZoneReading } from './zone-counter.js';

const HEIGHT = 100;
const STEP_MS = 100;
/** A square zone of four body heights. */
const SQUARE = [
  { x: 200, y: 200 },
  { x: 600, y: 200 },
  { x: 600, y: 600 },
  { x: 200, y: 600 },
];

interface Person {
  readonly id?: number;
  readonly at: Point;
  readonly state?: Track['state'];
  readonly velocity?: Point;
}

function track(
  { id = 1, at, state = 'confirmed', velocity = { x: 0, y: 0 } }: Person,
  seenAt: number,
): Track {
  const box = { x: at.x - 20, y: at.y - HEIGHT, w: 40, h: HEIGHT };
  return { id, box, measured: box, score: 0.8, state, velocity, bornAt: 0, seenAt };
}

/** A run of frames, `STEP_MS` apart unless the scene says otherwise. */
function watch(options: Partial<ZoneOptions> = {}) {
  const counter = createZoneCounter({ id: 'till', polygon: SQUARE, anchor: 'bottom-centre', ...options });
  const visits: Visit[] = [];
  const readings: ZoneReading[] = [];
  let now = 0;
  let entered = 0;
  return {
    visits,
    readings,
    entered: () => entered,
    last: () => readings[readings.length - 1] as ZoneReading,
    interrupt: () => counter.interrupt(),
    /** Show these people for so many frames; each frame asks anew. */
    show(frames: number, people: (frame: number) => readonly Person[], stepMs = STEP_MS) {
      for (let frame = 0; frame < frames; frame++) {
        const reading = counter.update(
          people(frame).map((person) => track(person, now)),
          now,
        );
        readings.push(reading);
        visits.push(...reading.ended);
        entered += reading.entered;
        expect(entered - visits.length).toBe(reading.inside);
        now += stepMs;
      }
    },
  };
}

const INSIDE = { x: 400, y: 400 };
const OUTSIDE = { x: 100, y: 400 };
const nobody = () => [];
const stands =
  (at: Point, id = 1) =>
  () => [{ id, at }];
/** Walks along y = 400 from one x to the other in that many frames. */
const walks =
  (fromX: number, toX: number, frames: number, id = 1) =>
  (frame: number): Person[] => {
    const speed = ((toX - fromX) / frames) * (1000 / STEP_MS);
    return [
      { id, at: { x: fromX + ((toX - fromX) * frame) / frames, y: 400 }, velocity: { x: speed, y: 0 } },
    ];
  };

describe('a visit', () => {
  it('begins and ends at the boundary and is as long as the stay', () => {
    const scene = watch();
    scene.show(20, walks(100, 300, 20));
    scene.show(100, stands({ x: 300, y: 400 }));
    scene.show(20, walks(300, 100, 20));
    scene.show(10, stands(OUTSIDE));
    expect(scene.visits).toMatchObject([{ track: 1, complete: true }]);
    const [visit] = scene.visits;
    expect((visit?.to ?? 0) - (visit?.from ?? 0)).toBeCloseTo(12_000, -3);
  });

  it.each([3, 10, 15])('is seen at %i frames a second', (fps) => {
    const scene = watch();
    const frames = Math.round(6 * fps);
    scene.show(frames, (frame) => [{ at: { x: 100 + (400 * frame) / frames, y: 400 } }], 1000 / fps);
    expect(scene.entered()).toBe(1);
    expect(scene.visits).toEqual([]);
  });

  it('is at most one for somebody who stands at the boundary for a minute', () => {
    const scene = watch();
    scene.show(10, walks(100, 200, 10));
    scene.show(600, (frame) => [{ at: { x: 200 + 12 * Math.sin(frame * 1.7), y: 400 } }]);
    expect(scene.entered()).toBeLessThanOrEqual(1);
    expect(scene.visits).toEqual([]);
  });

  it('does not begin for a box that flickers in and out', () => {
    const scene = watch();
    scene.show(100, (frame) => [{ at: frame % 2 === 0 ? OUTSIDE : INSIDE }]);
    expect(scene.entered()).toBe(0);
    expect(scene.readings.every(({ occupancy }) => occupancy === 0)).toBe(true);
  });

  it('does not begin for a tentative track', () => {
    const scene = watch();
    scene.show(50, () => [{ at: INSIDE, state: 'tentative' }]);
    expect(scene.entered()).toBe(0);
  });

  it('goes on over a detector that misses 30 % of the frames', () => {
    const scene = watch();
    const missed = (frame: number) => (frame * 7919) % 10 < 3;
    const leaky = (people: (frame: number) => Person[]) => (frame: number) =>
      missed(frame) ? [] : people(frame);
    scene.show(30, leaky(walks(100, 400, 30)));
    scene.show(200, leaky(stands(INSIDE)));
    scene.show(30, leaky(walks(400, 100, 30)));
    scene.show(10, leaky(stands(OUTSIDE)));
    expect(scene.entered()).toBe(1);
    expect(scene.visits).toMatchObject([{ complete: true }]);
  });
});

describe('an id switch inside', () => {
  const first = () => {
    const scene = watch();
    scene.show(20, walks(100, 400, 20));
    scene.show(30, stands(INSIDE));
    return scene;
  };

  it('is neither an exit nor an entry, and the visit keeps its beginning', () => {
    const scene = first();
    scene.show(4, nobody);
    scene.show(3, () => [{ id: 2, at: { x: 410, y: 395 }, state: 'tentative' }]);
    scene.show(30, stands({ x: 410, y: 395 }, 2));
    expect(scene.last()).toMatchObject({ inside: 1, occupancy: 1 });
    scene.show(20, walks(400, 100, 20, 2));
    scene.show(10, stands(OUTSIDE, 2));
    expect(scene.entered()).toBe(1);
    expect(scene.visits).toMatchObject([{ track: 1, complete: true }]);
  });

  it('of a walker is found where the walk leads', () => {
    const scene = watch();
    scene.show(24, walks(100, 340, 24));
    scene.show(10, nobody);
    scene.show(10, walks(440, 540, 10, 2));
    expect(scene.entered()).toBe(1);
    expect(scene.visits).toEqual([]);
  });

  it('in the dead band keeps the person inside', () => {
    const scene = first();
    scene.show(16, walks(400, 208, 16));
    scene.show(30, stands({ x: 208, y: 400 }));
    scene.show(2, nobody);
    scene.show(60, stands({ x: 206, y: 400 }, 2));
    expect(scene.entered()).toBe(1);
    expect(scene.last().inside).toBe(1);
  });

  it('is not assumed for somebody who appears elsewhere', () => {
    const scene = first();
    scene.show(4, nobody);
    scene.show(30, stands({ x: 520, y: 520 }, 2));
    expect(scene.entered()).toBe(2);
    expect(scene.visits).toMatchObject([{ track: 1, complete: false }]);
    expect(scene.last().inside).toBe(1);
  });

  it('does not take the visit of somebody who is only missed for a frame', () => {
    const scene = first();
    scene.show(1, stands({ x: 430, y: 400 }, 2));
    scene.show(30, () => [
      { id: 1, at: INSIDE },
      { id: 2, at: { x: 430, y: 400 } },
    ]);
    expect(scene.entered()).toBe(2);
    expect(scene.last().inside).toBe(2);
    expect(scene.visits).toEqual([]);
  });
});

describe('a visit has no dwell', () => {
  it('when the person was inside before the agent looked', () => {
    const scene = watch();
    scene.show(30, stands(INSIDE));
    expect(scene.last()).toMatchObject({ inside: 1, occupancy: 1 });
    scene.show(30, walks(400, 100, 30));
    scene.show(10, stands(OUTSIDE));
    expect(scene.visits).toMatchObject([{ complete: false }]);
  });

  it('when the person vanishes inside: they stay for the grace time, then the visit ends where it was last seen', () => {
    const scene = watch();
    scene.show(30, walks(100, 400, 30));
    scene.show(30, stands(INSIDE));
    scene.show(14, nobody);
    expect(scene.last().inside).toBe(1);
    scene.show(4, nobody);
    expect(scene.last().inside).toBe(0);
    expect(scene.visits).toMatchObject([{ to: 5900, complete: false }]);
  });

  it('when the stream breaks', () => {
    const scene = watch();
    scene.show(30, walks(100, 400, 30));
    expect(scene.interrupt()).toMatchObject([{ track: 1, complete: false }]);
    expect(scene.interrupt()).toEqual([]);
  });

  it('but has one when the person walks out over the edge of the picture, and in from there', () => {
    const scene = watch();
    scene.show(20, nobody);
    scene.show(20, walks(580, 380, 20));
    scene.show(20, walks(380, 580, 20));
    scene.show(20, nobody);
    expect(scene.visits).toMatchObject([{ complete: true }]);
  });
});

describe('occupancy', () => {
  it('counts a group of five that enters', () => {
    const scene = watch();
    const five = (frame: number) =>
      [0, 1, 2, 3, 4].map((n) => ({ id: n + 1, at: { x: 100 + frame * 8 - n * 10, y: 300 + n * 40 } }));
    scene.show(40, five);
    scene.show(10, () => five(39));
    expect(scene.entered()).toBe(5);
    expect(scene.last()).toMatchObject({ inside: 5, occupancy: 5 });
  });

  it('is read off a concave zone as it is drawn', () => {
    const polygon = [
      { x: 200, y: 200 },
      { x: 600, y: 200 },
      { x: 600, y: 600 },
      { x: 500, y: 600 },
      { x: 500, y: 300 },
      { x: 300, y: 300 },
      { x: 300, y: 600 },
      { x: 200, y: 600 },
    ];
    const scene = watch({ polygon });
    scene.show(20, () => [
      { id: 1, at: { x: 250, y: 500 } },
      { id: 2, at: { x: 400, y: 500 } },
      { id: 3, at: { x: 550, y: 500 } },
    ]);
    expect(scene.last().inside).toBe(2);
  });

  it('can be other than zero in a zone that is small beside the people', () => {
    const polygon = SQUARE.map(({ x, y }) => ({ x: x / 10, y: y / 10 }));
    const scene = watch({ polygon });
    scene.show(20, stands({ x: 40, y: 40 }));
    expect(scene.last().inside).toBe(1);
  });

  it('uses the point that the zone asks for', () => {
    const scene = watch({ anchor: 'head' });
    scene.show(20, () => [
      { id: 1, at: { x: 400, y: 680 } },
      { id: 2, at: { x: 400, y: 250 } },
    ]);
    expect(scene.last().inside).toBe(1);
  });

  it('stays bounded when ids never come back', () => {
    const scene = watch();
    scene.show(200, (frame) =>
      Array.from({ length: 20 }, (_, n) => ({ id: frame * 20 + n, at: { x: 250 + n * 15, y: 400 } })),
    );
    scene.show(80, nobody);
    expect(scene.last()).toMatchObject({ inside: 0, occupancy: 0 });
  });
});

describe('the queue', () => {
  it('holds who stands for three seconds, and neither who walks nor who just stopped', () => {
    const scene = watch();
    const people = (frame: number): Person[] => [
      { id: 1, at: { x: 300 + 3 * Math.sin(frame), y: 300 } },
      { id: 2, at: { x: 400 + 100 * Math.sin(frame / 12), y: 400 + 100 * Math.cos(frame / 12) } },
    ];
    scene.show(20, people);
    expect(scene.last().queue).toBe(0);
    scene.show(40, (frame) => people(frame + 20));
    expect(scene.last().queue).toBe(1);
    scene.show(10, (frame) => [
      { id: 1, at: { x: 300 + 12 * frame, y: 300 } },
      ...people(frame + 60).slice(1),
    ]);
    scene.show(10, (frame) => [
      { id: 1, at: { x: 420 + 12 * frame, y: 300 } },
      ...people(frame + 70).slice(1),
    ]);
    expect(scene.last().queue).toBe(0);
  });

  it('does not forget a wait when a box jumps for a frame or the id changes', () => {
    const scene = watch();
    scene.show(60, (frame) => [{ at: { x: 400, y: frame === 50 ? 430 : 400 } }]);
    expect(scene.last().queue).toBe(1);
    scene.show(4, nobody);
    scene.show(20, stands(INSIDE, 2));
    expect(scene.last().queue).toBe(1);
  });
});

describe('the capacity', () => {
  const crowd = (count: number) => () =>
    Array.from({ length: count }, (_, n) => ({ id: n + 1, at: { x: 250 + n * 80, y: 400 } }));

  it('is exceeded and kept once each, however the number flickers in between', () => {
    const scene = watch({ capacity: 2 });
    scene.show(30, crowd(2));
    expect(scene.last().over).toBe(false);
    scene.show(30, crowd(3));
    expect(scene.last().over).toBe(true);
    // The third person leaves and comes back every few frames: within the grace time nothing changes.
    scene.show(100, (frame) => crowd(frame % 12 < 4 ? 3 : 2)());
    scene.show(60, crowd(2));
    const edges = scene.readings.filter(({ over }, index) => over !== scene.readings[index - 1]?.over);
    expect(edges.map(({ over }) => over)).toEqual([false, true, false]);
  });

  it('stays exceeded over a restart until somebody sees that it is not', () => {
    const scene = watch({ capacity: 2, over: true });
    scene.show(9, crowd(2));
    expect(scene.last().over).toBe(true);
    scene.show(10, crowd(2));
    expect(scene.last().over).toBe(false);
  });
});

describe('at any time', () => {
  const step = fc.record({ dx: fc.integer({ min: -40, max: 40 }), dy: fc.integer({ min: -40, max: 40 }) });
  const person = fc.record({
    x: fc.integer({ min: 0, max: 800 }),
    y: fc.integer({ min: 0, max: 800 }),
    steps: fc.array(step, { minLength: 10, maxLength: 60 }),
    /** In which frames the person is seen, and in which one the tracker gives a new id. */
    seen: fc.array(fc.boolean(), { minLength: 10, maxLength: 60 }),
    switchAt: fc.integer({ min: 0, max: 60 }),
  });

  it('entries less exits are the people inside, whatever ids and detections do', () => {
    fc.assert(
      fc.property(fc.array(person, { maxLength: 5 }), (people) => {
        const scene = watch();
        const places = people.map(({ x, y }) => ({ x, y }));
        // `show` checks the sum after every frame.
        scene.show(60, (frame) =>
          people.flatMap(({ steps, seen, switchAt }, n) => {
            const place = places[n] as { x: number; y: number };
            place.x += steps[frame % steps.length]?.dx ?? 0;
            place.y += steps[frame % steps.length]?.dy ?? 0;
            const id = n + (frame >= switchAt ? 100 : 0);
            return seen[frame % seen.length] === true ? [{ id, at: { ...place } }] : [];
          }),
        );
        scene.show(60, nobody);
        expect(scene.last().inside).toBe(0);
        expect(scene.visits.every(({ from, to }) => to >= from)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('who stays outside by more than the band never enters', () => {
    const outside = fc
      .record({ x: fc.integer({ min: 0, max: 800 }), y: fc.integer({ min: 0, max: 800 }) })
      .filter((point) => distanceInside(SQUARE, point) < -0.15 * HEIGHT);
    fc.assert(
      fc.property(fc.array(outside, { minLength: 1, maxLength: 80 }), (path) => {
        const scene = watch();
        scene.show(path.length, (frame) => [{ at: path[frame] as Point }]);
        expect(scene.entered()).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
