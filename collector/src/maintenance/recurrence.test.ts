import { expect, it } from 'vitest';
import { instantOf } from '../counts/zone.js';
import { newSeriesSchema } from '../schema/maintenance.js';
import { occurrences } from './recurrence.js';

const DAY = 24 * 3_600_000;

const list = (rule: string, start: string, zone: string, days: readonly [string, string]) => {
  const [from, to] = days.map((day) => Date.parse(`${day}T00:00Z`)) as [number, number];
  return occurrences({ rule, start, timeZone: zone }, { start: from, end: to }).map((at) =>
    new Date(at).toISOString().slice(0, 16),
  );
};

it('keeps to the wall clock over the nights in which clocks change', () => {
  const rule = 'FREQ=WEEKLY;BYDAY=SU';
  // Berlin puts its clocks forward on 2026-03-29 at 02:00, and back on 2026-10-25 at 03:00.
  expect(list(rule, '2026-03-01T01:30', 'Europe/Berlin', ['2026-03-20', '2026-04-07'])).toEqual([
    ...['2026-03-22T00:30', '2026-03-29T00:30', '2026-04-04T23:30'],
  ]);
  // 02:30 is jumped over: it begins at 03:00, when the clock has jumped.
  expect(list(rule, '2026-03-01T02:30', 'Europe/Berlin', ['2026-03-28', '2026-04-06'])).toEqual([
    ...['2026-03-29T01:00', '2026-04-05T00:30'],
  ]);
  // 02:30 comes twice: it begins the first time.
  expect(list(rule, '2026-03-01T02:30', 'Europe/Berlin', ['2026-10-24', '2026-11-02'])).toEqual([
    ...['2026-10-25T00:30', '2026-11-01T01:30'],
  ]);
  // Clocks of Lord Howe change by half an hour, at 02:00 on 2026-10-04.
  expect(list(rule, '2026-03-01T02:15', 'Australia/Lord_Howe', ['2026-09-26', '2026-10-12'])).toEqual([
    ...['2026-09-26T15:45', '2026-10-03T15:30', '2026-10-10T15:15'],
  ]);
});

it.each([
  ['FREQ=DAILY', ['2026-03-02', '2026-03-03', '2026-03-04']],
  ['FREQ=DAILY;INTERVAL=2', ['2026-03-02', '2026-03-04', '2026-03-06']],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH', ['2026-03-02', '2026-03-05', '2026-03-16']],
  ['FREQ=MONTHLY;BYDAY=1SU', ['2026-04-05', '2026-05-03', '2026-06-07']],
  ['FREQ=MONTHLY;BYDAY=-1FR', ['2026-03-27', '2026-04-24', '2026-05-29']],
  ['FREQ=MONTHLY;BYMONTHDAY=31', ['2026-03-31', '2026-05-31', '2026-07-31']],
  ['FREQ=DAILY;UNTIL=20260303', ['2026-03-02', '2026-03-03']],
])('%s', (rule, expected) => {
  const times = list(rule, '2026-03-02T12:00', 'UTC', ['2026-03-01', '2026-09-01']);
  expect(times.slice(0, 3)).toEqual(expected.map((day) => `${day}T12:00`));
});

it('goes on where it stopped: two stretches give what one gives', () => {
  const all = { rule: 'FREQ=DAILY', start: '2026-03-20T02:30', timeZone: 'Europe/Berlin' };
  const [from, middle, to] = ['2026-03-25T00:00Z', '2026-03-29T01:00Z', '2026-04-02T00:00Z'].map((text) =>
    Date.parse(text),
  ) as [number, number, number];
  expect([
    ...occurrences(all, { start: from, end: middle }),
    ...occurrences(all, { start: middle, end: to }),
  ]).toEqual(occurrences(all, { start: from, end: to }));
});

it('looks no further than it is asked to for a day that there is not', () => {
  const never = {
    rule: 'FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31',
    start: '2026-02-01T01:00',
    timeZone: 'UTC',
  };
  const start = instantOf('UTC', Date.parse('2026-02-01T00:00Z'));
  expect(occurrences(never, { start, end: start + 800 * DAY })).toEqual([]);
});

it.each([
  ...['FREQ=HOURLY', 'FREQ=YEARLY', 'FREQ=DAILY;COUNT=3', 'FREQ=DAILY;INTERVAL=0', 'FREQ=WEEKLY;BYDAY=XX'],
  ...['FREQ=MONTHLY;BYMONTHDAY=32', 'FREQ=DAILY;BYMONTH=2', 'BYDAY=MO', 'DTSTART:20260302T010000Z', ''],
])('refuses the rule "%s"', (rule) => {
  const wanted = {
    ...{
      scope: 'site',
      site: 'shop',
      rule,
      timeZone: 'UTC',
      start: '2026-03-02T01:00',
      durationMs: 3_600_000,
    },
    reason: 'updates',
  };
  const { success, error } = newSeriesSchema.safeParse(wanted);
  expect([success, error?.issues[0]?.path]).toEqual([false, ['rule']]);
});
