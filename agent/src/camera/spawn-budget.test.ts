import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SpawnBudget, type SpawnReason } from './spawn-budget.js';

let starts: { name: string; at: number }[];
let budget: SpawnBudget;
const now = () => Date.now();
const ask = (name: string, reason: SpawnReason) =>
  budget.request(reason, () => starts.push({ name, at: now() / 1000 }));
const times = () => starts.map(({ at }) => at);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  starts = [];
  budget = new SpawnBudget(now);
});
afterEach(() => vi.useRealTimers());

const many = (count: number, reason: SpawnReason) => {
  for (let index = 0; index < count; index++) ask(`camera ${index}`, reason);
};
/** Use up the burst; 8 s pass. */
const spend = () => {
  many(16, 'urgent');
  vi.advanceTimersByTime(8000);
  starts = [];
};

describe('the starts of decoders', () => {
  it('are granted to sixteen cameras one after the other, then six a minute', () => {
    many(20, 'urgent');
    vi.advanceTimersByTime(60_000);
    expect(times().slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, index) => index / 2));
    expect(times().slice(16)).toEqual([10, 20, 30, 40]);
    expect(starts.map(({ name }) => name)).toEqual(
      Array.from({ length: 20 }, (_, index) => `camera ${index}`),
    );
  });

  it('take no token the first time', () => {
    spend();
    many(3, 'start');
    vi.advanceTimersByTime(1000);
    expect(times()).toEqual([8, 8.5, 9]);
  });

  it('are three a minute for blind retries, first come first served', () => {
    for (const name of ['a', 'b', 'c', 'd']) ask(name, 'retry');
    vi.advanceTimersByTime(70_000);
    expect(starts).toEqual(['a', 'b', 'c', 'd'].map((name, index) => ({ name, at: index * 20 })));
  });

  it('never pass six a minute in the long run, and retries leave the burst for cameras that return', () => {
    spend();
    // Every camera is dead and asks again whenever it has been granted one.
    const again = () => {
      budget.request('retry', () => {
        starts.push({ name: 'retry', at: now() / 1000 });
        again();
      });
    };
    for (let index = 0; index < 16; index++) again();
    vi.advanceTimersByTime(1_200_000);
    expect(starts.length).toBeLessThanOrEqual(60);
    expect(starts.length).toBeGreaterThan(50);
    const before = starts.length;
    many(16, 'urgent');
    vi.advanceTimersByTime(8000);
    expect(starts.slice(before).filter(({ name }) => name !== 'retry')).toHaveLength(16);
  });

  it('do not let returning cameras starve a retry', () => {
    spend();
    ask('patient', 'retry');
    many(5, 'urgent');
    vi.advanceTimersByTime(5000);
    expect(starts.map(({ name }) => name)).toEqual(['patient']);
  });

  it('are not granted to who has taken the request back', () => {
    spend();
    const cancel = ask('gone', 'urgent');
    cancel?.();
    expect(vi.getTimerCount()).toBe(0);
    ask('next', 'urgent');
    vi.advanceTimersByTime(10_000);
    expect(starts).toEqual([{ name: 'next', at: 10 }]);
  });
});
