import { describe, expect, it } from 'vitest';
import { densityOf, worstStratum, type Evidence } from './strata.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ZONE = 'Asia/Ho_Chi_Minh';
/** Midnight at the site. */
const DAY = Date.parse('2026-03-02T00:00+07:00');

const evidence = (hour: number, right: number, wrong: number, changes: Partial<Evidence> = {}): Evidence => {
  const from = DAY + hour * HOUR;
  return {
    ...{ from, to: from + MINUTE, answeredAt: from, audit: 'a', keptForCrossing: false, kept: 1, of: 1 },
    ...{ person: { in: right + wrong, out: 0 }, machine: { in: right, out: 0 } },
    ...{ configVersion: 'c', modelHash: 'm', light: null, density: 'low', ...changes },
  };
};

describe('density', () => {
  it.each([
    [5, 'low'],
    [6, 'medium'],
    [30, 'medium'],
    [31, 'high'],
  ])('of %i crossings in a minute is %s', (crossings, density) => {
    expect(densityOf(evidence(9, crossings, 0, { density: null }))).toBe(density);
  });

  it('is what the person said, where they said something', () => {
    expect(densityOf(evidence(9, 50, 0, { density: 'low' }))).toBe('low');
  });

  it('of a clip leaves out the crossing that it was kept for', () => {
    const clip = { to: DAY + 9 * HOUR + 6000, density: null };
    expect(densityOf(evidence(9, 1, 0, { ...clip, keptForCrossing: true }))).toBe('low');
    expect(densityOf(evidence(9, 2, 0, { ...clip, keptForCrossing: true }))).toBe('medium');
    expect(densityOf(evidence(9, 1, 0, clip))).toBe('medium');
  });
});

describe('the worst stratum', () => {
  it('is that with the lowest accuracy of all kinds', () => {
    const all = [
      evidence(8, 19, 1, { light: 'day' }),
      evidence(18, 18, 2, { light: 'day' }),
      evidence(9, 8, 2, { light: 'night' }),
      evidence(12, 10, 0),
    ];
    expect(worstStratum(all, ZONE)).toMatchObject({ kind: 'light', name: 'night', events: 10, misses: 2 });
    expect(worstStratum(all.slice(0, 2), ZONE)).toMatchObject({
      kind: 'hours',
      name: '16-20',
      accuracy: 0.9,
    });
    const crowded = evidence(12, 5, 5, { density: 'high' });
    expect(worstStratum([...all, crowded], ZONE)).toMatchObject({ kind: 'density', name: 'high' });
  });

  it('is none while there are no two of a kind', () => {
    expect(worstStratum([], ZONE)).toBeNull();
    expect(worstStratum([evidence(8, 9, 1, { light: 'day' }), evidence(9, 5, 5)], ZONE)).toBeNull();
    expect(worstStratum([evidence(8, 9, 1), evidence(18, 0, 0)], ZONE)).toBeNull();
  });

  it('is not one of hours for a row that reaches over several', () => {
    const long = evidence(8, 50, 50, { to: DAY + 18 * HOUR });
    expect(worstStratum([long, evidence(8, 9, 1), evidence(18, 10, 0)], ZONE)).toMatchObject({
      ...{ kind: 'hours', name: '06-10', events: 10 },
    });
  });
});
