import { describe, expect, it } from 'vitest';
import { bucketAt, bucketsOf, QUARTER_MS, startOfDay } from './zone.js';

const utc = (text: string) => Date.parse(`${text}Z`);
const HOUR = 3_600_000;

describe('site days', () => {
  it.each([
    ['Asia/Ho_Chi_Minh', '2026-11-24T02:00', '2026-11-23T17:00'],
    ['Europe/Berlin', '2026-07-01T12:00', '2026-06-30T22:00'],
    ['America/New_York', '2026-01-15T03:00', '2026-01-14T05:00'],
    ['Asia/Kolkata', '2026-03-01T20:00', '2026-03-01T18:30'],
    ['UTC', '2026-03-01T23:59', '2026-03-01T00:00'],
  ])('%s at %sZ begins at %sZ', (zone, at, start) => {
    expect(startOfDay(zone, utc(at))).toBe(utc(start));
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T12:00', 23],
    ['Europe/Berlin', '2026-10-25T12:00', 25],
    ['America/New_York', '2026-03-08T15:00', 23],
    ['America/New_York', '2026-11-01T15:00', 25],
    ['Asia/Ho_Chi_Minh', '2026-03-29T12:00', 24],
    // Clocks go forward at midnight: the day has no 00:00.
    ['America/Havana', '2026-03-08T12:00', 23],
    ['America/Santiago', '2026-09-06T12:00', 23],
    ['Asia/Beirut', '2026-03-29T12:00', 23],
    // Clocks go back to midnight or over it: 00:00 or 23:00 comes twice.
    ['America/Havana', '2026-11-01T12:00', 25],
    ['Africa/Cairo', '2026-10-29T12:00', 25],
  ])('%s on the day of %sZ has %i hours', (zone, at, hours) => {
    const start = startOfDay(zone, utc(at));
    const [day] = bucketsOf(zone, 'day', { from: start, to: start + 1 });
    expect(day).toEqual({ start, end: start + hours * HOUR });
    expect(bucketsOf(zone, 'hour', { from: start, to: start + hours * HOUR })).toHaveLength(hours);
  });

  it('leave no hole and no overlap over a year', () => {
    for (const zone of [
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'America/Havana',
      'America/Santiago',
    ]) {
      const days = bucketsOf(zone, 'day', { from: utc('2026-01-01T12:00'), to: utc('2027-01-01T12:00') });
      days.slice(1).forEach((day, index) => expect(day.start).toBe(days[index]?.end));
      expect(days).toHaveLength(366);
    }
  });
});

describe('weeks and months', () => {
  it('begin on Monday and on the first', () => {
    const at = utc('2026-03-12T12:00');
    expect(bucketsOf('Europe/Berlin', 'week', { from: at, to: at + 1 })).toEqual([
      { start: utc('2026-03-08T23:00'), end: utc('2026-03-15T23:00') },
    ]);
    expect(bucketsOf('Europe/Berlin', 'month', { from: at, to: at + 1 })).toEqual([
      { start: utc('2026-02-28T23:00'), end: utc('2026-03-31T22:00') },
    ]);
    const year = { from: utc('2027-01-01T00:00'), to: utc('2028-01-01T00:00') };
    expect(bucketsOf('UTC', 'month', year)).toHaveLength(12);
    expect(bucketsOf('UTC', 'week', year)).toHaveLength(53);
  });
});

describe('hours and minutes', () => {
  it('hold each instant once where clocks change by half an hour', () => {
    for (const change of ['2026-10-03T15:30', '2026-04-04T15:00']) {
      const range = { from: utc(change) - 5 * HOUR, to: utc(change) + 5 * HOUR };
      const hours = bucketsOf('Australia/Lord_Howe', 'hour', range);
      hours.slice(1).forEach((hour, index) => expect(hour.start).toBe(hours[index]?.end));
      for (let at = range.from; at < range.to; at += QUARTER_MS) {
        const holding = hours.filter(({ start, end }) => start <= at && at < end);
        expect(holding).toEqual([bucketAt('Australia/Lord_Howe', 'hour', at)]);
      }
    }
  });

  it('begin at the full hour of a half-hour zone', () => {
    const [hour] = bucketsOf('Asia/Kolkata', 'hour', {
      from: utc('2026-03-01T20:10'),
      to: utc('2026-03-01T20:20'),
    });
    expect(hour).toEqual({ start: utc('2026-03-01T19:30'), end: utc('2026-03-01T20:30') });
  });

  it('cover a range that does not begin at a full minute', () => {
    const minutes = bucketsOf('UTC', 'minute', {
      from: utc('2026-03-01T20:10:30'),
      to: utc('2026-03-01T20:12:00'),
    });
    expect(minutes.map(({ start }) => start)).toEqual([utc('2026-03-01T20:10'), utc('2026-03-01T20:11')]);
  });
});
