import { describe, expect, it } from 'vitest';
import { scoreZone, type FrameVisit, type ZoneScoreOptions } from './score-zone.js';

const visit = (from: number, to: number): FrameVisit => ({ from, to, track: 1 });

function score(truth: FrameVisit[], counted: FrameVisit[], more: Partial<ZoneScoreOptions> = {}) {
  const rest = { optional: [], occupancy: [], range: { from: 1, to: 1000 }, fps: 10, tolerance: 10 };
  return scoreZone('desk', { ...rest, truth, counted, ...more });
}

describe('visits', () => {
  it.each([
    { name: 'the same', truth: [visit(100, 200)], counted: [visit(105, 195)], right: 1, missed: 0, extra: 0 },
    {
      name: 'seen for less than half of the time',
      truth: [visit(100, 200)],
      counted: [visit(160, 200)],
      ...{ right: 0, missed: 1, extra: 1 },
    },
    {
      name: 'cut in two: the longer part is it',
      truth: [visit(100, 200)],
      counted: [visit(100, 130), visit(131, 200)],
      ...{ right: 1, missed: 0, extra: 1 },
    },
    {
      name: 'short ones whose ends are near enough',
      truth: [visit(100, 104)],
      counted: [visit(103, 110)],
      ...{ right: 1, missed: 0, extra: 0 },
    },
    {
      name: 'one after the other are not the same, however near',
      truth: [visit(100, 104)],
      counted: [visit(105, 109)],
      ...{ right: 0, missed: 1, extra: 1 },
    },
    {
      name: 'at the same time: matched by overlap, each once',
      truth: [visit(100, 200), visit(100, 160)],
      counted: [visit(100, 170), visit(110, 200)],
      ...{ right: 2, missed: 0, extra: 0 },
    },
    {
      name: 'beyond the scored frames do not count',
      truth: [visit(1100, 1200)],
      counted: [visit(1100, 1300)],
      ...{ right: 0, missed: 0, extra: 0 },
    },
  ])('$name', ({ truth, counted, right, missed, extra }) => {
    expect(score(truth, counted)).toMatchObject({ truth: right + missed, right, missed, extra });
  });

  it('that are optional count neither way', () => {
    const optional = [visit(300, 400)];
    expect(score([], [visit(300, 390)], { optional })).toMatchObject({
      truth: 0,
      right: 0,
      missed: 0,
      extra: 0,
    });
    expect(score([], [], { optional })).toMatchObject({ missed: 0, accuracy: null });
  });

  it('give the mean dwell in seconds, cut to the scored frames', () => {
    const { dwellSeconds } = score([visit(100, 200), visit(950, 1200)], [visit(100, 220)]);
    expect(dwellSeconds).toEqual({ truth: 7.5, counted: 12, error: 4.5 });
    expect(score([], [visit(1, 11)]).dwellSeconds).toEqual({ truth: null, counted: 1, error: null });
  });
});

describe('occupancy', () => {
  const occupancy = [
    { frame: 100, people: 1 },
    { frame: 150, people: 3 },
    { frame: 300, people: 1 },
  ];

  it('is compared frame by frame', () => {
    const result = score([visit(90, 200), visit(140, 160)], [], { occupancy });
    expect(result.meanOccupancy).toEqual({ truth: 1, counted: 5 / 3, error: 5 / 3 - 1 });
    expect(result.maxOccupancy).toEqual({ truth: 2, counted: 3, error: 1 });
    expect(result.occupancyError).toBeCloseTo((0 + 1 + 1) / 3, 9);
  });

  it('may include optional visitors or not', () => {
    const optional = [visit(290, 310)];
    expect(score([visit(90, 200)], [], { occupancy, optional }).occupancyError).toBeCloseTo(2 / 3, 9);
  });

  it('of no frame is unknown', () => {
    expect(score([visit(1, 2)], [])).toMatchObject({ occupancyError: null });
  });
});
