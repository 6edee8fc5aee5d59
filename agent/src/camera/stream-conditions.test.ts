import { describe, expect, it } from 'vitest';
import { StreamConditions, type Sight } from './stream-conditions.js';
import { SweepGuard } from './sweep-guard.js';

const SIGHT: Sight = { now: 0, frozen: false, decodeErrors: 0, frameShare: 1, cpuBusy: 0.5 };

/** Sweep every half second from one second to another; gives what was said last. */
function sweep(
  conditions: StreamConditions,
  from: number,
  to: number,
  see: (second: number) => Partial<Sight>,
) {
  let said: string | undefined;
  for (let second = from; second < to; second += 0.5)
    said = conditions.judge({ ...SIGHT, now: second * 1000, ...see(second) });
  return said;
}

describe('a stream that comes', () => {
  it('is fine until something is wrong', () => {
    expect(sweep(new StreamConditions(), 0, 60, () => ({}))).toBeUndefined();
  });

  it('is damaged from ten errors in ten seconds on, until there are hardly any', () => {
    const conditions = new StreamConditions();
    expect(sweep(conditions, 0, 30, (second) => ({ decodeErrors: second / 2 }))).toBeUndefined();
    expect(sweep(conditions, 30, 40, (second) => ({ decodeErrors: 15 + 2 * (second - 30) }))).toBe(
      'decode-errors',
    );
    expect(sweep(conditions, 40, 60, (second) => ({ decodeErrors: 33 + (second - 40) / 2 }))).toBe(
      'decode-errors',
    );
    expect(sweep(conditions, 60, 75, () => ({ decodeErrors: 43 }))).toBeUndefined();
  });

  it('does not count errors from before its first sweep: a stream begins between two key frames', () => {
    expect(sweep(new StreamConditions(), 0, 20, () => ({ decodeErrors: 500 }))).toBeUndefined();
  });

  it('suffers from a busy machine only when it is slow and the machine is busy, for ten seconds', () => {
    const slow = { frameShare: 0.5, cpuBusy: 0.95 };
    expect(sweep(new StreamConditions(), 0, 9, () => slow)).toBeUndefined();
    expect(sweep(new StreamConditions(), 0, 30, () => ({ ...slow, cpuBusy: 0.7 }))).toBeUndefined();
    expect(sweep(new StreamConditions(), 0, 30, () => ({ ...slow, frameShare: 0.7 }))).toBeUndefined();
    const conditions = new StreamConditions();
    expect(sweep(conditions, 0, 11, () => slow)).toBe('cpu-pressure');
    expect(sweep(conditions, 11, 20, () => ({ frameShare: 0.8, cpuBusy: 0.85 }))).toBe('cpu-pressure');
    expect(sweep(conditions, 20, 21, () => ({ frameShare: 0.95, cpuBusy: 0.85 }))).toBeUndefined();
  });

  it('says for ten seconds that the clock was set, unless something is worse', () => {
    const conditions = new StreamConditions();
    conditions.clockStepped(5000);
    expect(sweep(conditions, 5, 14, () => ({}))).toBe('clock-step');
    expect(sweep(conditions, 14, 15, () => ({ frozen: true }))).toBe('frozen');
    expect(sweep(conditions, 15, 16, () => ({}))).toBeUndefined();
  });
});

it('a sweep that comes late judges nobody, the next one does', () => {
  const guard = new SweepGuard(500);
  expect([0, 500, 1100, 4000, 4500].map((now) => guard.late(now))).toEqual([
    false,
    false,
    false,
    true,
    false,
  ]);
});
