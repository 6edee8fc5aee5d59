import { expect, it } from 'vitest';
import { wilsonInterval } from './wilson.js';

// 27 of 27: low = 1 / (1 + z²/n) = 27 / (27 + 3.8415) = 0.87545. 8 of 10: Newcombe (Statistics in Medicine 1998) and
// every table of the score interval give 0.490 to 0.943.
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
