import type { Span } from './zone.js';

/**
 * The part of a number that falls into a span, if it is spread evenly over an interval. Shares over spans that follow each
 * other and cover the interval add up to the number: each boundary is rounded once, for both sides.
 */
export function shareOf(total: number, interval: Span, span: Span): number {
  const upTo = (at: number) => {
    const within = Math.min(Math.max(at, interval.start), interval.end);
    return Math.round((total * (within - interval.start)) / (interval.end - interval.start));
  };
  return upTo(span.end) - upTo(span.start);
}

/** Finds the spans that an interval reaches into; intervals come by their starts, so the search goes on where it stood. */
export function overlapFinder(spans: readonly Span[]): (interval: Span) => number[] {
  let first = 0;
  return ({ start, end }) => {
    while (first < spans.length && (spans[first]?.end ?? 0) <= start) first += 1;
    const found: number[] = [];
    for (let index = first; (spans[index]?.start ?? Infinity) < end; index++) found.push(index);
    return found;
  };
}
