import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSpan, compareTally, machineIn, minutesOf, type StoredInterval } from './compare.js';
import { errorsIn } from './verdict.js';

const MINUTE = 60_000;
const START = Date.parse('2026-03-02T10:00Z');

const interval = (minute: number, changes: Partial<StoredInterval> = {}): StoredInterval => {
  const start = START + minute * MINUTE;
  const one = { start, end: start + MINUTE, in: 0, out: 0, configVersion: 'c', modelHash: 'm', ...changes };
  return { ...one, observedMs: changes.observedMs ?? one.end - one.start };
};
const span = (from: number, to: number) => ({ start: START + from * MINUTE, end: START + to * MINUTE });
const press = (seconds: number, direction: 'in' | 'out' = 'in') => ({
  at: START + seconds * 1000,
  direction,
});
const tally = (seconds: readonly number[], minutes: number) =>
  minutesOf(
    seconds.map((second) => press(second)),
    { from: START, to: START + minutes * MINUTE },
  );

describe('the machine in a span', () => {
  it('is the sum of the intervals in it', () => {
    const all = [
      interval(0, { in: 9 }),
      interval(1, { in: 2 }),
      interval(2, { out: 1 }),
      interval(3, { in: 9 }),
    ];
    expect(machineIn(span(1, 3), all)).toEqual({
      machine: { in: 2, out: 1 },
      configVersion: 'c',
      modelHash: 'm',
    });
  });

  it.each([
    ['not-stored', []],
    ['not-stored', [interval(0)]],
    ['not-stored', [interval(1)]],
    ['not-stored', [interval(0), interval(1, { start: START + 1.5 * MINUTE })]],
    ['not-observed', [interval(0), interval(1, { observedMs: 59_000 })]],
    ['merged', [interval(0), interval(1, { end: START + 10 * MINUTE })]],
    ['clock-set', [interval(0), interval(0, { start: START + 30_000 }), interval(1)]],
    ['changed', [interval(0), interval(1, { modelHash: 'n' })]],
    ['changed', [interval(0), interval(1, { configVersion: 'd' })]],
  ] as const)('is %s where a number is missing or stands for something else', (hole, intervals) => {
    expect(machineIn(span(0, 2), [...intervals])).toBe(hole);
  });

  it('is one number beside one number for an imported span', () => {
    const all = [interval(0, { in: 2 }), interval(1, { in: 4 })];
    expect(compareSpan(span(0, 2), { in: 6, out: 1 }, all)).toMatchObject({
      person: { in: 6, out: 1 },
      machine: { in: 6, out: 0 },
    });
  });
});

describe('a live tally', () => {
  it('is compared minute by minute: a miss and an extra count do not cancel out', () => {
    const { parts } = compareTally(span(0, 2), tally([30, 90], 2), [interval(0, { in: 2 }), interval(1)]);
    expect(parts.map(errorsIn)).toEqual([
      { misses: 0, extra: 1, turned: 0 },
      { misses: 1, extra: 0, turned: 0 },
    ]);
  });

  it.each([
    ['pressed late', [62], [1, 0]],
    ['pressed early', [58], [0, 1]],
  ])('forgives a person at the full minute who was %s', (_name, seconds, machine) => {
    const intervals = machine.map((count, minute) => interval(minute, { in: count }));
    const { parts } = compareTally(span(0, 2), tally(seconds, 2), intervals);
    expect(parts.map(errorsIn)).toEqual([NONE, NONE]);
  });

  it('forgives nobody who was pressed five seconds away', () => {
    const { parts } = compareTally(span(0, 2), tally([65], 2), [interval(0, { in: 1 }), interval(1)]);
    expect(parts.map(errorsIn)).toEqual([
      { misses: 0, extra: 1, turned: 0 },
      { misses: 1, extra: 0, turned: 0 },
    ]);
  });

  it('leaves out the minutes that cannot be compared, with the reason', () => {
    const { parts, holes } = compareTally(span(0, 3), tally([5, 70, 130], 3), [
      interval(0, { in: 1 }),
      interval(1, { observedMs: 100 }),
    ]);
    expect(parts).toMatchObject([{ from: START, person: { in: 1, out: 0 } }]);
    expect(holes).toEqual([
      { reason: 'not-observed', ms: MINUTE },
      { reason: 'not-stored', ms: MINUTE },
    ]);
  });

  it('is compared with a merged interval as a whole, and not at all with one that reaches beyond it', () => {
    const merged = interval(1, { end: START + 3 * MINUTE, in: 3 });
    const beyond = interval(3, { end: START + 9 * MINUTE, in: 7 });
    const { parts, holes } = compareTally(span(0, 4), tally([5, 70, 130, 140], 4), [
      interval(0, { in: 1 }),
      merged,
      beyond,
    ]);
    expect(
      parts.map(({ from, to, person }) => [(from - START) / MINUTE, (to - START) / MINUTE, person.in]),
    ).toEqual([
      [0, 1, 1],
      [1, 3, 3],
    ]);
    expect(holes).toEqual([{ reason: 'merged', ms: MINUTE }]);
  });

  it('keeps every press, and is never more wrong for what is forgiven', () => {
    const minutes = 4;
    const presses = fc.array(fc.nat(minutes * 60 - 1), { maxLength: 30 });
    const counts = fc.array(fc.nat(8), { minLength: minutes, maxLength: minutes });
    fc.assert(
      fc.property(presses, counts, (seconds, machine) => {
        const intervals = machine.map((count, minute) => interval(minute, { in: count }));
        const tallied = tally(seconds, minutes);
        const { parts } = compareTally(span(0, minutes), tallied, intervals);
        expect(parts.reduce((sum, { person }) => sum + person.in, 0)).toBe(seconds.length);
        expect(parts.every(({ person }) => person.in >= 0)).toBe(true);
        const wrong = (all: readonly { misses: number; extra: number }[]) =>
          all.reduce((sum, { misses, extra }) => sum + misses + extra, 0);
        const strict = tallied.map((person, minute) =>
          errorsIn({ person, machine: { in: machine[minute] ?? 0, out: 0 } }),
        );
        expect(wrong(parts.map(errorsIn))).toBeLessThanOrEqual(wrong(strict));
        const difference = Math.abs(machine.reduce((sum, count) => sum + count, 0) - seconds.length);
        expect(wrong(parts.map(errorsIn))).toBeGreaterThanOrEqual(difference);
      }),
    );
  });
});

const NONE = { misses: 0, extra: 0, turned: 0 };
