import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess, errorsIn, eventsNeeded } from './verdict.js';

const clip = (person: [number, number], machine: [number, number], kept = 1, of = 1) => ({
  ...{ person: { in: person[0], out: person[1] }, machine: { in: machine[0], out: machine[1] }, kept, of },
});

describe('mistakes', () => {
  it.each([
    [[2, 1], [2, 1], { misses: 0, extra: 0, turned: 0 }],
    [[2, 1], [1, 1], { misses: 1, extra: 0, turned: 0 }],
    [[0, 0], [1, 2], { misses: 0, extra: 3, turned: 0 }],
    [[3, 0], [0, 3], { misses: 0, extra: 0, turned: 3 }],
    [[3, 0], [1, 1], { misses: 1, extra: 0, turned: 1 }],
  ] as const)('of a person who counted %s and a machine that counted %s', (person, machine, errors) => {
    expect(errorsIn(clip([...person], [...machine]))).toEqual(errors);
  });

  it('never cancel out', () => {
    // One missed here and one too much there: the totals agree, and two of twenty are wrong.
    const { accuracy, misses, extra } = assess([clip([10, 0], [9, 0]), clip([10, 0], [11, 0])]);
    expect([accuracy, misses, extra]).toEqual([0.9, 1, 1]);
  });
});

describe('the verdict', () => {
  // Of the operations design: sample sizes at which the one-sided 95 % Wilson bound reaches 95 %.
  it.each([
    [1, 52],
    [0.99, 87],
    [0.98, 147],
    [0.97, 331],
    [0.96, 1299],
    [0.95, null],
  ])('needs, for a line that is right %s of the time, %s crossings', (share, events) => {
    expect(eventsNeeded(share)).toBe(events);
  });

  it.each([
    ['pass', Array.from({ length: 52 }, () => clip([1, 0], [1, 0]))],
    ['inconclusive', Array.from({ length: 51 }, () => clip([1, 0], [1, 0]))],
    ['inconclusive', []],
    ['inconclusive', [clip([0, 0], [0, 0])]],
    ['fail', Array.from({ length: 100 }, (_, index) => clip([1, 0], [index % 5 === 0 ? 0 : 1, 0]))],
    ['inconclusive', Array.from({ length: 100 }, (_, index) => clip([1, 0], [index % 25 === 0 ? 0 : 1, 0]))],
  ] as const)('is %s', (verdict, clips) => {
    expect(assess(clips).verdict).toBe(verdict);
  });

  it('weighs a clip by how many it stands for', () => {
    // One right of 100 that counted, one missed of 10 that only came near: ten elevenths.
    const { accuracy } = assess([clip([1, 0], [1, 0], 1, 100), clip([1, 0], [0, 0], 1, 10)]);
    expect(accuracy).toBeCloseTo(100 / 110);
  });

  it('is never better for a clip with a mistake', () => {
    const number = fc.integer({ min: 0, max: 5 });
    const any = fc.tuple(number, number, number, number).map(([a, b, c, d]) => clip([a, b], [c, d]));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (clips, missed) => {
        const [before, after] = [assess(clips), assess([...clips, clip([missed, 0], [0, 0])])];
        expect(after.accuracy ?? 1).toBeLessThanOrEqual(before.accuracy ?? 1);
        expect(after.lower ?? 0).toBeLessThanOrEqual(after.upper ?? 1);
      }),
    );
  });
});
