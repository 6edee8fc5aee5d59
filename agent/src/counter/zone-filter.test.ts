import { describe, expect, it } from 'vitest';
import { RecentMedian, SteadyEdge } from './zone-filter.js';

function filtered(values: readonly number[], stepMs: number): number[] {
  const median = new RecentMedian(1000);
  return values.map((value, index) => median.add(value, index * stepMs));
}

describe('the median of the last second', () => {
  it.each([2, 3, 10, 25])('removes a ghost of one frame at %i frames a second', (fps) => {
    const values = [1, 1, 1, 1, 2, 1, 1, 1, 1];
    expect(filtered(values, 1000 / fps)).toEqual(values.map(() => 1));
  });

  it('removes one frame in which somebody was missed', () => {
    expect(filtered([3, 3, 3, 2, 3, 3], 100)).toEqual([3, 3, 3, 3, 3, 3]);
  });

  it('follows a change within a second at any frame rate', () => {
    expect(filtered([...Array<number>(20).fill(1), ...Array<number>(10).fill(4)], 100).at(-1)).toBe(4);
    expect(filtered([1, 1, 4, 4], 500).at(-1)).toBe(4);
  });

  it('forgets what it knew when it is reset', () => {
    const median = new RecentMedian(1000);
    median.add(5, 0);
    median.reset();
    expect(median.add(0, 100)).toBe(0);
  });
});

describe('a steady edge', () => {
  it('changes only after the opposite has held for the whole time', () => {
    const edge = new SteadyEdge({ on: false, holdMs: 1000 });
    const states = [true, true, false, true, true, true].map((wanted, index) =>
      edge.update(wanted, index * 500),
    );
    expect(states).toEqual([false, false, false, false, false, true]);
  });

  it('does not count time in which nobody looked', () => {
    const edge = new SteadyEdge({ on: true, holdMs: 1000 });
    edge.update(false, 0);
    edge.interrupt();
    expect(edge.update(false, 60_000)).toBe(true);
  });
});
