import fc from 'fast-check';
import { expect, it } from 'vitest';
import { overlapFinder, shareOf } from './overlap.js';

const MINUTE = 60_000;
const minutes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ start: index * MINUTE, end: (index + 1) * MINUTE }));

it('spreads whole numbers that add up, whatever the interval', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.nat(90), fc.integer({ min: 1, max: 60 }), (total, from, length) => {
      const interval = { start: from * 30_000, end: from * 30_000 + length * MINUTE };
      const shares = minutes(120).map((span) => shareOf(total, interval, span));
      expect(shares.reduce((sum, share) => sum + share)).toBe(total);
      // Evenly: no full minute differs from its fair share by one or more.
      const full = minutes(120).flatMap((span, index) =>
        span.start >= interval.start && span.end <= interval.end ? [shares[index] ?? 0] : [],
      );
      for (const share of full) expect(Math.abs(share - total / length)).toBeLessThan(1);
    }),
  );
});

it('finds every span that an interval reaches into', () => {
  const find = overlapFinder(minutes(4));
  expect(find({ start: -30_000, end: 30_000 })).toEqual([0]);
  expect(find({ start: MINUTE, end: 2 * MINUTE })).toEqual([1]);
  expect(find({ start: 1.5 * MINUTE, end: 9 * MINUTE })).toEqual([1, 2, 3]);
  expect(find({ start: 4 * MINUTE, end: 5 * MINUTE })).toEqual([]);
});
