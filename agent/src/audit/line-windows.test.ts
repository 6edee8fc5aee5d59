import { describe, expect, it } from 'vitest';
import { LineWindows, type Window } from './line-windows.js';

const FRAME = 100;
type Crossing = Parameters<LineWindows['update']>[2][number] & { readonly told: number };

/** Feed frames for some seconds; somebody is near within the stretches, crossings are told when they are decided. */
function windows(
  seconds: number,
  near: readonly (readonly [from: number, to: number])[],
  crossings: readonly Crossing[],
): Window[] {
  const line = new LineWindows();
  const found: Window[] = [];
  for (let at = 0; at < seconds * 1000; at += FRAME) {
    const isNear = near.some(([from, to]) => at >= from * 1000 && at < to * 1000);
    const told = crossings.filter((one) => one.told >= at && one.told < at + FRAME);
    found.push(...line.update(at, isNear, told));
  }
  return found;
}

describe('the windows of a line', () => {
  it('begin before somebody comes near and end after, with what was counted', () => {
    const crossing = { direction: 'in', at: 10_700, told: 11_100 } as const;
    expect(windows(20, [[10, 12]], [crossing])).toEqual([
      { from: 8500, to: 13_400, counted: { in: 1, out: 0 } },
    ]);
  });

  it('hold a crossing that is decided when they have ended already', () => {
    const crossing = { direction: 'out', at: 11_900, told: 13_500 } as const;
    expect(windows(20, [[10, 12]], [crossing])).toMatchObject([{ counted: { in: 0, out: 1 } }]);
  });

  it('join people who come one after the other, and part those with nobody between', () => {
    expect(windows(20, [[5, 6], [7, 8]], [])).toHaveLength(1); // prettier-ignore
    expect(windows(20, [[5, 6], [9, 10]], [])).toHaveLength(2); // prettier-ignore
  });

  it('begin with a crossing that few frames a second showed to nobody', () => {
    const crossing = { direction: 'in', at: 9000, told: 10_500 } as const;
    expect(windows(20, [], [crossing])).toEqual([{ from: 7500, to: 12_000, counted: { in: 1, out: 0 } }]);
  });

  it('begin anew when the clock steps back', () => {
    const line = new LineWindows();
    line.update(50_000, true, []);
    expect(line.update(1000, false, [])).toEqual([]);
    expect(line.update(9000, false, [])).toEqual([]);
  });

  it('are cut where somebody is always near, and every crossing lies in exactly one', () => {
    const crossings = Array.from({ length: 29 }, (_, index) => {
      return { direction: 'in', at: 2000 + index * 990, told: 2000 + index * 990 + 700 } as const;
    });
    const found = windows(40, [[1, 32]], crossings);
    expect(found.length).toBeGreaterThan(3);
    found.slice(1).forEach(({ from }, index) => expect(from).toBe(found[index]?.to));
    expect(found.reduce((sum, { counted }) => sum + counted.in, 0)).toBe(29);
    for (const { from, to } of found) expect(to - from).toBeLessThanOrEqual(6000);
  });
});
