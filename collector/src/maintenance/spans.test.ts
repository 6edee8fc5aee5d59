import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clipSpans, lengthOf, mergeSpans } from './spans.js';

const span = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 }))
  .map(([start, length]) => ({ start, end: start + length }));

/** Every instant that at least one span covers, one by one. */
const covered = (spans: readonly { start: number; end: number }[], instants: number[]) =>
  instants.filter((at) => spans.some(({ start, end }) => start <= at && at < end));

it('counts every instant of spans that overlap once, and none that is outside', () => {
  const instants = Array.from({ length: 90 }, (_, at) => at);
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), span, (spans, within) => {
      const merged = mergeSpans(spans);
      expect(covered(merged, instants)).toEqual(covered(spans, instants));
      expect(lengthOf(merged)).toBe(covered(spans, instants).length);
      const inside = instants.filter((at) => within.start <= at && at < within.end);
      const clipped = clipSpans(merged, within);
      expect(lengthOf(clipped)).toBe(covered(spans, inside).length);
      expect(covered(clipped, instants)).toEqual(covered(spans, inside));
    }),
  );
});
