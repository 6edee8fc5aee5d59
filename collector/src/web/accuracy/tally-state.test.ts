import { expect, it } from 'vitest';
import {
  beginTally,
  endNow,
  hasWholeMinute,
  minutesOf,
  phaseOf,
  press,
  stop,
  totalsOf,
  undo,
} from './tally-state.js';

const MINUTE = 60_000;
const NOON = Date.parse('2026-03-02T12:00Z');
const LINE = {
  ...{ gateway: 'lobby', camera: 'door', line: 'entrance', cameraName: 'Door', lineName: 'Entrance' },
  ...{ timeZone: 'UTC', directions: { in: 'in', out: 'out' } },
};
const begun = beginTally(LINE, { id: 'x', now: NOON - 20_000, clockOffset: 0 });

it('begins with the next whole minute, and counts nobody before', () => {
  expect(begun.startsAt).toBe(NOON);
  expect(beginTally(LINE, { id: 'x', now: NOON, clockOffset: 0 }).startsAt).toBe(NOON + MINUTE);
  expect(phaseOf(begun, NOON - 1)).toBe('before');
  expect(press(begun, 'in', NOON - 1)).toBe(begun);
  expect(phaseOf(begun, NOON)).toBe('counting');
});

it('counts by the minute and takes the last one back', () => {
  let tally = begun;
  for (const [seconds, direction] of [
    [0, 'in'],
    [59, 'out'],
    [61, 'in'],
    [62, 'in'],
  ] as const)
    tally = press(tally, direction, NOON + seconds * 1000);
  tally = undo(tally);
  expect(totalsOf(tally)).toEqual({ in: 2, out: 1 });
  expect(minutesOf(tally, NOON + 150_000)).toEqual([
    { at: NOON + 2 * MINUTE, in: 0, out: 0 },
    { at: NOON + MINUTE, in: 1, out: 0 },
    { at: NOON, in: 1, out: 1 },
  ]);
  expect(undo(begun)).toEqual(begun);
});

it('ends with the minute that goes on, in which everybody still counts', () => {
  const stopped = stop(begun, NOON + 90_000);
  expect(stopped.endsAt).toBe(NOON + 2 * MINUTE);
  const last = press(stopped, 'in', NOON + 119_000);
  expect(totalsOf(press(last, 'in', NOON + 2 * MINUTE))).toEqual({ in: 1, out: 0 });
  expect(phaseOf(last, NOON + 2 * MINUTE)).toBe('over');
  expect(minutesOf(last, NOON + 10 * MINUTE)).toHaveLength(2);
});

it('ends at once without the minute that is not whole', () => {
  const counted = press(press(begun, 'in', NOON + 30_000), 'in', NOON + 70_000);
  expect(hasWholeMinute(counted, NOON + 59_000)).toBe(false);
  const ended = endNow(counted, NOON + 80_000);
  expect([ended.endsAt, totalsOf(ended), phaseOf(ended, NOON + 80_000)]).toEqual([
    NOON + MINUTE,
    { in: 1, out: 0 },
    'over',
  ]);
});

it('ends by itself after four hours', () => {
  expect(phaseOf(begun, NOON + 4 * 60 * MINUTE)).toBe('over');
});
