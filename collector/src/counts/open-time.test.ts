import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WEEKDAYS } from '../schema/sites.js';
import { closureAt, openShare, openSpans, type Calendar } from './open-time.js';
import { isoWithOffset } from './zone.js';

const HOUR = 3_600_000;
const week = (text: string) => Object.fromEntries(WEEKDAYS.map((day) => [day, text]));

/** The open stretches as a person of the site reads them. */
function read(calendar: Calendar, from: string, to: string): string[] {
  return openSpans(calendar, { from: Date.parse(from), to: Date.parse(to) }).map(
    ({ start, end }) =>
      `${isoWithOffset(calendar.timeZone, start)} .. ${isoWithOffset(calendar.timeZone, end)}`,
  );
}

describe('a site is open', () => {
  it('by its weekdays, with a break at noon, and not on a day that is left out', () => {
    const calendar = {
      timeZone: 'Asia/Ho_Chi_Minh',
      hours: { fri: '13:00-18:00, 08:00-12:00', mon: '09:00-24:00' },
      closures: [],
    };
    // 2026-11-27 is a Friday.
    expect(read(calendar, '2026-11-26T17:00Z', '2026-11-30T17:00Z')).toEqual([
      '2026-11-27T08:00:00+07:00 .. 2026-11-27T12:00:00+07:00',
      '2026-11-27T13:00:00+07:00 .. 2026-11-27T18:00:00+07:00',
      '2026-11-30T09:00:00+07:00 .. 2026-12-01T00:00:00+07:00',
    ]);
  });

  it('over midnight, also into a range that begins after it, and all week without a seam', () => {
    const bar = { timeZone: 'UTC', hours: { sat: '18:00-02:00' }, closures: [] };
    expect(read(bar, '2026-11-29T01:00Z', '2026-11-29T20:00Z')).toEqual([
      '2026-11-29T01:00:00+00:00 .. 2026-11-29T02:00:00+00:00',
    ]);
    const always = { timeZone: 'Europe/Berlin', hours: week('00:00-24:00'), closures: [] };
    expect(read(always, '2026-10-01T00:00Z', '2026-11-10T00:00Z')).toHaveLength(1);
  });

  it('not on a closure, but in the hours that it names', () => {
    const closures = [
      { name: 'Tết', from: '2026-02-16', to: '2026-02-18' },
      { name: 'inventory', from: '2026-02-20', hours: '08:00-10:00' },
    ];
    const calendar = { timeZone: 'Asia/Ho_Chi_Minh', hours: week('08:00-22:00'), closures };
    expect(read(calendar, '2026-02-15T17:00Z', '2026-02-20T17:00Z')).toEqual([
      '2026-02-19T08:00:00+07:00 .. 2026-02-19T22:00:00+07:00',
      '2026-02-20T08:00:00+07:00 .. 2026-02-20T10:00:00+07:00',
    ]);
    expect(closureAt(calendar, Date.parse('2026-02-16T17:30Z'))?.name).toBe('Tết');
    expect(closureAt(calendar, Date.parse('2026-02-18T17:30Z'))).toBeUndefined();
  });

  it('an hour longer and shorter in the nights in which clocks change', () => {
    const hours = week('22:00-06:00');
    const night = { timeZone: 'Europe/Berlin', hours, closures: [] };
    const lasts = (from: string) => {
      const [span] = openSpans(night, { from: Date.parse(from), to: Date.parse(from) + 20 * HOUR });
      return span && (span.end - span.start) / HOUR;
    };
    expect([lasts('2026-03-28T12:00Z'), lasts('2026-10-24T12:00Z'), lasts('2026-06-01T12:00Z')]).toEqual([
      7, 9, 8,
    ]);
  });

  it('for as long in parts as in whole', () => {
    const start = Date.parse('2026-03-01T00:00Z');
    const span = fc.integer({ min: 1, max: 24 * 60 }).map((minutes) => minutes * 60_000);
    const zone = fc.constantFrom('Europe/Berlin', 'America/Havana', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    const hours = fc.constantFrom('08:00-22:00', '18:00-02:00', '00:00-24:00', '06:00-07:30,20:00-24:00');
    fc.assert(
      fc.property(zone, hours, fc.array(span, { minLength: 1, maxLength: 40 }), (timeZone, text, lengths) => {
        const calendar = { timeZone, hours: week(text), closures: [] };
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const whole = { start, end: start + total };
        const open = openSpans(calendar, { from: whole.start, to: whole.end });
        let [at, ms] = [start, 0];
        for (const length of lengths) {
          const part = { start: at, end: at + length };
          ms += length * openShare(open, part);
          // Looked at alone, a part is open for as long as within the whole.
          const alone = openSpans(calendar, { from: part.start, to: part.end });
          expect(openShare(alone, part)).toBeCloseTo(openShare(open, part), 9);
          at = part.end;
        }
        expect(ms).toBeCloseTo(total * openShare(open, whole), 3);
        for (const [index, { start: begins }] of open.entries())
          expect(begins).toBeGreaterThan(open[index - 1]?.end ?? -1);
      }),
    );
  });
});
