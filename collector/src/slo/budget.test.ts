import fc from 'fast-check';
import { expect, it } from 'vitest';
import { budgetOf, burnRate, coverageOf, goodShare, NOTHING } from './budget.js';
import { objective, OBJECTIVES } from './objectives.js';

const of = (good: number, bad: number, unknown = 0, maintenance = 0) => ({ good, bad, unknown, maintenance });
const PERCENT = { target: 0.99 };

it('spends the budget in proportion to what is bad, and neither unknown time nor maintenance flatters it', () => {
  expect(budgetOf(PERCENT, of(1000, 0))).toEqual({ share: 1, minutes: expect.closeTo(403.2) as number });
  expect(budgetOf(PERCENT, of(995, 5))?.share).toBeCloseTo(0.5);
  expect(budgetOf(PERCENT, of(995, 5))?.minutes).toBeCloseTo(201.6);
  expect(budgetOf(PERCENT, of(98, 2))?.share).toBeCloseTo(-1);
  const plain = budgetOf(PERCENT, of(995, 5));
  expect(budgetOf(PERCENT, of(995, 5, 1e6, 1e6))).toEqual(plain);
  expect(coverageOf(of(995, 5, 500, 500))).toBe(0.5);
  expect([
    goodShare(NOTHING),
    coverageOf(NOTHING),
    budgetOf(PERCENT, NOTHING),
    burnRate(PERCENT, NOTHING),
  ]).toEqual([null, null, null, null]);
});

it('burns at 1 when the promise is just kept, and has then spent all', () => {
  const target = fc.double({ min: 0.93, max: 0.9999, noNaN: true });
  fc.assert(
    fc.property(target, fc.nat(1e6), fc.nat(1e6), (share, good, bad) => {
      if (good + bad === 0) return;
      const promise = { target: share };
      const [rate, budget] = [burnRate(promise, of(good, bad)) ?? 0, budgetOf(promise, of(good, bad))];
      expect(rate + (budget?.share ?? 0)).toBeCloseTo(1, 6);
      expect(rate).toBeLessThanOrEqual(1 / (1 - share) + 1e-6);
    }),
  );
  expect(burnRate(PERCENT, of(99, 1))).toBeCloseTo(1);
});

it('refuses a promise whose burn rules could never hold', () => {
  const promise = { id: 'api-errors', unit: 'answers' } as const;
  expect(() => objective({ ...promise, target: 0.92 })).toThrow(
    /burn rule of 1 h has the factor 13.44.*12.50 times/,
  );
  for (const target of [0, 1, Number.NaN]) expect(() => objective({ ...promise, target })).toThrow(/target/);
  expect(objective({ ...promise, target: 0.93 }).burnRules.map(({ factor }) => factor)).toEqual([
    expect.closeTo(13.44),
    expect.closeTo(5.6),
  ]);
  for (const { burnRules, target } of OBJECTIVES)
    for (const { factor } of burnRules) expect(factor).toBeLessThan(1 / (1 - target));
});
