import { describe, expect, it } from 'vitest';
import { DiskTrend } from './disk-trend.js';

const MINUTE_MS = 60_000;
const MIB = 2 ** 20;

/** A trend over so many hours of samples a minute, with the use as a function of the hour. */
function after(hours: number, used: (hour: number) => number): DiskTrend {
  const trend = new DiskTrend();
  for (let minute = 0; minute <= hours * 60; minute++) trend.add(minute * MINUTE_MS, used(minute / 60));
  return trend;
}

describe('the trend of a disk', () => {
  it('says when the free space is used up', () => {
    const trend = after(3, (hour) => 100 * MIB + hour * 10 * MIB);
    expect(trend.hoursUntilFull(500 * MIB)).toBeCloseTo(50, 6);
    expect(trend.hoursUntilFull(0)).toBe(0);
  });

  it.each([
    ['too little is known', after(0.9, (hour) => hour * MIB)],
    ['nothing is known', new DiskTrend()],
    ['the use stays', after(5, () => MIB)],
    ['the use falls', after(5, (hour) => 100 * MIB - hour * MIB)],
    ['it would take years', after(5, (hour) => hour)],
  ])('says nothing while %s', (_, trend) => expect(trend.hoursUntilFull(500 * MIB)).toBeNull());

  it('forgets what is older than a day', () => {
    const stopped = after(60, (hour) => Math.min(hour, 30) * MIB);
    expect(stopped.hoursUntilFull(500 * MIB)).toBeNull();
  });
});
