import { describe, expect, it } from 'vitest';
import { siteOccupancy, type EntranceStep } from './site-occupancy.js';
import { closingsIn } from './zone.js';

const HOUR = 3_600_000;
const STEP = 900_000;
const at = (hours: number) => hours * HOUR;
const step = (hours: number, came: number, went: number): EntranceStep => ({
  start: at(hours),
  in: came,
  out: went,
});

describe('site occupancy', () => {
  it('is in minus out since the last closing', () => {
    const { now, since } = siteOccupancy([at(0)], [step(9, 10, 0), step(10, 5, 3)], {
      now: at(11),
      stepMs: STEP,
    });
    expect([now, since]).toEqual([12, at(0)]);
  });

  it('is never below zero, however many were missed on their way in', () => {
    expect(siteOccupancy([at(0)], [step(9, 1, 4)], { now: at(10), stepMs: STEP }).now).toBe(0);
  });

  it('begins every day with nobody and calls what is left at closing drift', () => {
    const steps = [step(9, 100, 20), step(18, 0, 76), step(30, 7, 0)];
    const { now, days } = siteOccupancy([at(0), at(24)], steps, { now: at(31), stepMs: STEP });
    expect(now).toBe(7);
    expect(days.map(({ drift }) => drift)).toEqual([4, null]);
  });

  it('spreads the drift of a closed day over its crossings, so that the curve ends at zero', () => {
    const steps = [step(9, 100, 0), step(18, 0, 90)];
    const { curve } = siteOccupancy([at(0), at(24)], steps, { now: at(25), stepMs: STEP });
    expect(curve).toEqual([
      { at: at(9) + STEP, people: expect.closeTo(94.7, 1) as number },
      { at: at(18) + STEP, people: 0 },
    ]);
  });

  it('is corrected by counts that arrive late', () => {
    const late = siteOccupancy([at(0), at(24)], [step(9, 10, 0), step(18, 0, 10)], {
      now: at(25),
      stepMs: STEP,
    });
    expect(late.days[0]?.drift).toBe(0);
  });
});

describe('closing hours', () => {
  const iso = (closings: readonly number[]) => closings.map((closing) => new Date(closing).toISOString());
  const range = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });

  it('are wall clock in the site zone, on both sides of a clock change', () => {
    expect(
      iso(closingsIn('Europe/Berlin', '22:00', range('2026-03-28T12:00Z', '2026-03-30T12:00Z'))),
    ).toEqual(['2026-03-28T21:00:00.000Z', '2026-03-29T20:00:00.000Z']);
  });

  it('that do not exist on a day come when the clock has been put forward', () => {
    expect(
      iso(closingsIn('Europe/Berlin', '02:30', range('2026-03-28T12:00Z', '2026-03-29T12:00Z'))),
    ).toEqual(['2026-03-29T01:00:00.000Z']);
  });

  it('that come twice on a day are the first of the two', () => {
    expect(
      iso(closingsIn('Europe/Berlin', '02:30', range('2026-10-24T12:00Z', '2026-10-25T12:00Z'))),
    ).toEqual(['2026-10-25T00:30:00.000Z']);
  });
});
