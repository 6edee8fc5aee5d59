import { describe, expect, test } from 'vitest';
import { dueAt, missedRuns } from './due.js';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const base = { cron: null, time_zone: null, period_s: null, paused: 0, since_at: 0, last_ok_at: null };

describe('a backup every 24 hours with two hours of grace', () => {
  const backup = { ...base, period_s: 24 * 3600, grace_s: 2 * 3600, last_ok_at: at('2026-03-02T02:00Z') };
  test.each([
    [26 * HOUR, 0],
    [26 * HOUR + 1, 1],
    [50 * HOUR, 1],
    [50 * HOUR + 1, 2],
    [1000 * HOUR, 3],
  ])('%i ms after the last one, %i are missing', (age, missed) => {
    expect(missedRuns(backup, backup.last_ok_at + age)).toBe(missed);
  });
});

describe('a checklist at 09:00 in Berlin, where clocks change on 29 March 2026', () => {
  const list = {
    ...{ ...base, cron: '0 9 * * *', time_zone: 'Europe/Berlin', grace_s: 3600 },
    last_ok_at: at('2026-03-28T09:20+01:00'),
  };
  test('is due at nine on the wall clock, before and after', () => {
    expect(dueAt(list)).toBe(at('2026-03-29T09:00+02:00'));
    expect(missedRuns(list, at('2026-03-29T10:00+02:00'))).toBe(0);
    expect(missedRuns(list, at('2026-03-29T10:00:00.001+02:00'))).toBe(1);
    expect(missedRuns(list, at('2026-03-30T10:00:00.001+02:00'))).toBe(2);
  });
});

test('one that was never done counts from when it was defined, one that was defined anew from then, a paused one not', () => {
  const yearly = { ...base, period_s: 60, grace_s: 0, since_at: 1000 };
  expect(dueAt(yearly)).toBe(61_000);
  expect(missedRuns({ ...yearly, since_at: 500_000, last_ok_at: 1000 }, 560_000)).toBe(0);
  expect(missedRuns({ ...yearly, paused: 1 }, 1e9)).toBeNull();
});
