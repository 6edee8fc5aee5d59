import { expect, it } from 'vitest';
import { wilsonInterval } from './wilson.js';

// By hand, with z² = 3.8415: 27 of 27 is at least 27 / (27 + 3.8415) = 0.8754. 8 of 10: centre (0.8 + 0.1921) / 1.3841 =
// 0.7167, half 1.9600 / 1.3841 * sqrt(0.016 + 0.0096) = 0.2266.
it.each([
  { right: 27, all: 27, low: 0.8754, high: 1 },
  { right: 0, all: 27, low: 0, high: 1 - 0.8754 },
  { right: 8, all: 10, low: 0.4902, high: 0.9433 },
])('$right right of $all', ({ right, all, low, high }) => {
  const interval = wilsonInterval(right, all);
  expect(interval?.low).toBeCloseTo(low, 3);
  expect(interval?.high).toBeCloseTo(high, 3);
});

it('says nothing without events', () => {
  expect(wilsonInterval(0, 0)).toBeUndefined();
});
