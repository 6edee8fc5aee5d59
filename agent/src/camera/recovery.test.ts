import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { looksWell, type Knock } from './diagnosis.js';
import { Recovery } from './recovery.js';
import { SpawnBudget } from './spawn-budget.js';

const WELL: Knock = { tcp: 'open', rtsp: 'answered', status: 200, video: ['H264'], detail: '' };
const DEAD: Knock = { tcp: 'refused', rtsp: 'none', status: null, video: null, detail: '' };
const HUNG: Knock = { tcp: 'open', rtsp: 'none', status: null, video: null, detail: '' };
const now = () => Date.now();

let found: Knock;
let knocks: number[];
let starts: number[];
let recovery: Recovery;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  [knocks, starts, found] = [[], [], WELL];
  recovery = new Recovery({
    knock: () => {
      knocks.push(now() / 1000);
      return Promise.resolve(found);
    },
    budget: new SpawnBudget(now),
    onKnock: looksWell,
    onGo: () => starts.push(now() / 1000),
    monotonic: now,
    random: () => 0.5,
    logger: pino({ level: 'silent' }),
  });
  recovery.start();
  starts.pop();
});
afterEach(() => {
  recovery.cancel();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

describe('a camera that is away', () => {
  it('is started again after two seconds when it looks well', async () => {
    recovery.lost(true);
    await pass(10);
    expect(knocks).toEqual([0]);
    expect(starts).toEqual([2]);
  });

  it('gets no decoder while its port is closed, and one within seconds of its return', async () => {
    found = DEAD;
    recovery.lost(true);
    await pass(100);
    expect(starts).toEqual([]);
    expect(knocks).toHaveLength(21);
    found = WELL;
    await pass(6);
    expect(starts).toHaveLength(1);
    expect(starts[0]).toBeGreaterThan(100);
  });

  it('is knocked at every 15 to 20 s after two minutes, and is still seen to return', async () => {
    found = DEAD;
    recovery.lost(true);
    await pass(1200);
    const late = knocks.filter((at) => at > 200);
    expect((late[1] ?? 0) - (late[0] ?? 0)).toBeCloseTo(17.5);
    expect(starts).toEqual([]);
    found = WELL;
    await pass(20);
    expect(starts).toHaveLength(1);
  });

  it('gets an attempt now and then when its port is open, with ever longer pauses', async () => {
    found = HUNG;
    recovery.lost(true);
    for (let second = 0; second < 1200; second++) {
      const before = starts.length;
      await pass(1);
      if (starts.length > before) recovery.lost(false);
    }
    expect(starts.length).toBeGreaterThan(5);
    expect(starts.length).toBeLessThan(15);
    expect((starts.at(-1) ?? 0) - (starts.at(-2) ?? 0)).toBeGreaterThan(60);
  });

  it('that looks well all the time but gives no stream is tried about every half minute', async () => {
    recovery.lost(true);
    for (let second = 0; second < 600; second++) {
      const before = starts.length;
      await pass(1);
      if (starts.length > before) recovery.lost(false);
    }
    const gaps = starts.slice(5).map((at, index) => at - (starts[index + 4] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(46);
    expect(starts.length).toBeLessThan(24);
  });

  it('waits for a knock under way rather than start in the dark', async () => {
    let answer: (knock: Knock) => void = () => undefined;
    recovery = new Recovery({
      knock: () => new Promise((resolve) => (answer = resolve)),
      budget: new SpawnBudget(now),
      onKnock: looksWell,
      onGo: () => starts.push(now() / 1000),
      monotonic: now,
      random: () => 0.5,
      logger: pino({ level: 'silent' }),
    });
    recovery.lost(true);
    await pass(5);
    expect(starts).toEqual([]);
    answer(WELL);
    await pass(0);
    expect(starts).toEqual([5]);
  });

  it('is left alone after a cancel', async () => {
    recovery.lost(true);
    recovery.cancel();
    await pass(60);
    expect(starts).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
