import { describe, expect, it } from 'vitest';
import { lineSignals, occupancySignal, type LineDay } from './risks.js';

const DAY = 24 * 3_600_000;
const day = (index: number, changes: Partial<LineDay> = {}): LineDay => ({
  ...{
    start: index * DAY,
    crossings: 100,
    stitched: 0,
    observedMs: DAY,
    suspectMs: 0,
    completeness: 1,
    open: null,
  },
  ...changes,
});
const week = (changes: Partial<LineDay> = {}) => Array.from({ length: 7 }, (_, index) => day(index, changes));
const weekdays = (crossings: readonly number[], changes: Partial<LineDay> = {}) =>
  crossings.map((count, index) => day(-7 * index, { crossings: count, ...changes }));
const kinds = (days: readonly LineDay[], before: readonly LineDay[] = []) =>
  lineSignals(days, before).map(({ kind }) => kind);

describe('people left at closing', () => {
  const site = (index: number, entered: number, left: number, completeness: number | null = 1) => ({
    ...{ from: index * DAY, in: entered, out: left, completeness },
  });

  it.each([
    ['too many stayed', [site(0, 100, 100), site(1, 100, 80)], 0.2, 1],
    ['too many left', [site(0, 100, 100), site(1, 80, 100)], -0.2, 1],
    [
      'it has been so for days',
      [site(0, 100, 99), site(1, 100, 50), site(2, 100, 60), site(3, 100, 75)],
      0.25,
      1,
    ],
    ['a day between says nothing', [site(0, 100, 70), site(1, 100, 100, 0.9), site(2, 100, 70)], 0.3, 0],
  ])('are a sign when %s', (_name, days, value, since) => {
    expect(occupancySignal(days)).toMatchObject({
      kind: 'occupancy-left',
      value,
      since: since * DAY,
      basis: 100,
    });
  });

  it.each([
    ['the newest day is fine', [site(0, 100, 50), site(1, 100, 85)]],
    ['few came', [site(0, 49, 10)]],
    ['the day was not seen', [site(0, 100, 50, 0.94), site(1, 100, 50, null)]],
    ['there is no day', []],
  ])('are none when %s', (_name, days) => {
    expect(occupancySignal(days)).toBeNull();
  });
});

describe('a line', () => {
  it('that is as ever gives no sign', () => {
    expect(kinds(week({ stitched: 10 }), weekdays([100, 90, 110, 105]))).toEqual([]);
    expect(kinds([], [])).toEqual([]);
  });

  it('that stitches many tracks gives a sign since the first such day, not with few crossings', () => {
    const days = week().map((one, index) => (index < 3 ? one : { ...one, stitched: 25 }));
    expect(lineSignals(days, [])).toEqual([
      {
        kind: 'stitched',
        value: 100 / 700,
        expected: null,
        threshold: expect.closeTo(0.1) as number,
        basis: 700,
        since: 3 * DAY,
      },
    ]);
    expect(kinds([day(6, { crossings: 5, stitched: 1 })])).toEqual([]);
    expect(kinds(days.map((one) => ({ ...one, completeness: 0.9 })))).toEqual([]);
  });

  it('that is counted from a bad picture gives a sign', () => {
    const days = week().map((one, index) => (index === 4 ? { ...one, suspectMs: 0.4 * DAY } : one));
    expect(lineSignals(days, [])).toMatchObject([
      { kind: 'suspect', value: expect.closeTo(0.4 / 7) as number, since: 4 * DAY },
    ]);
    expect(kinds(days.map((one) => ({ ...one, suspectMs: 0.04 * DAY })))).toEqual([]);
    expect(kinds(days.map((one) => ({ ...one, completeness: null })))).toEqual([]);
  });

  // The median is 100 and the median deviation 5: sixfold that is 30, but four standard deviations of Poisson are 40.5.
  it.each([
    [59, 1],
    [60, 0],
    [140, 0],
    [141, 1],
  ])('with %i crossings where 100 are usual gives %i signs', (crossings, signs) => {
    const before = weekdays([95, 100, 105, 100, 300]);
    expect(lineSignals([day(6, { crossings })], before)).toHaveLength(signs);
  });

  it('is compared with its weekday by median and deviation', () => {
    const before = weekdays([1000, 1200, 800, 1040]);
    expect(lineSignals([day(6, { crossings: 10 })], before)).toEqual([
      { kind: 'weekday-change', value: 10, expected: 1020, threshold: 600, basis: 4, since: 6 * DAY },
    ]);
  });

  it('gives no sign on a holiday, and is not compared with one', () => {
    const before = weekdays([1000, 1200, 800, 1040], { open: 0.5 });
    expect(kinds([day(6, { crossings: 10, open: 0 })], before)).toEqual([]);
    expect(kinds([day(6, { crossings: 10, open: 0.5 })], before)).toEqual(['weekday-change']);
    const closed = weekdays([0, 0, 0], { open: 0 });
    expect(kinds([day(6, { crossings: 1000, open: 0.5 })], [...before, ...closed])).toEqual([]);
  });

  it('is not compared with less than three weeks, nor a day that was not seen', () => {
    const quiet = day(6, { crossings: 10 });
    expect(kinds([quiet], weekdays([1000, 1000]))).toEqual([]);
    expect(kinds([quiet], [...weekdays([1000, 1000]), ...weekdays([1000], { completeness: 0.5 })])).toEqual(
      [],
    );
    expect(kinds([{ ...quiet, completeness: 0.5 }], weekdays([1000, 1000, 1000]))).toEqual([]);
    expect(kinds([quiet], weekdays([1000, 1000, 1000]))).toEqual(['weekday-change']);
  });
});
