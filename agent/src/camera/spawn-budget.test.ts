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

describe('the starts of decoders', () => {
  it('are granted to sixteen cameras at once, then six a minute', () => {
    for (let index = 0; index < 20; index++) ask(`camera ${index}`, 'urgent');
    expect(starts).toHaveLength(16);
    expect(budget.waiting).toBe(4);
    vi.advanceTimersByTime(60_000);
    expect(times().slice(16)).toEqual([10, 20, 30, 40]);
    expect(starts.map(({ name }) => name)).toEqual(
      Array.from({ length: 20 }, (_, index) => `camera ${index}`),
    );
  });

  it('are three a minute for blind retries, first come first served', () => {
    for (const name of ['a', 'b', 'c', 'd']) ask(name, 'retry');
    vi.advanceTimersByTime(70_000);
    expect(starts).toEqual(['a', 'b', 'c', 'd'].map((name, index) => ({ name, at: index * 20 })));
  });

  it('never pass six a minute in the long run, and retries leave the burst for cameras that return', () => {
    for (let index = 0; index < 16; index++) ask('start', 'urgent');
    // Every camera is dead and asks again whenever it has been granted one.
    const again = () => {
      budget.request('retry', () => {
        starts.push({ name: 'retry', at: now() / 1000 });
        again();
      });
    };
    for (let index = 0; index < 16; index++) again();
    vi.advanceTimersByTime(1_200_000);
    const retries = starts.filter(({ name }) => name === 'retry').length;
    expect(retries).toBeLessThanOrEqual(60);
    expect(retries).toBeGreaterThan(50);
    starts = [];
    for (let index = 0; index < 16; index++) ask('back', 'urgent');
    expect(starts).toHaveLength(16);
  });

  it('do not let returning cameras starve a retry', () => {
    for (let index = 0; index < 16; index++) ask('start', 'urgent');
    ask('patient', 'retry');
    for (let index = 0; index < 5; index++) ask('urgent', 'urgent');
    vi.advanceTimersByTime(10_000);
    expect(starts.at(-1)?.name).toBe('patient');
  });

  it('are not granted to who has taken the request back', () => {
    for (let index = 0; index < 16; index++) ask('start', 'urgent');
    const cancel = ask('gone', 'urgent');
    cancel?.();
    expect(vi.getTimerCount()).toBe(0);
    ask('next', 'urgent');
    vi.advanceTimersByTime(10_000);
    expect(starts.at(-1)).toEqual({ name: 'next', at: 10 });
  });
});
