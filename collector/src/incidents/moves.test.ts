import { describe, expect, it } from 'vitest';
import type { SEVERITIES } from '../schema/incident-words.js';
import { INCIDENT_STATUSES } from '../schema/incident-words.js';
import { ProblemError } from '../schema/problem.js';
import { dueAfterSeverity, statusAfter, timersAfter, type Move } from './moves.js';
import { addWorkingDays } from './targets.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The design's table, once more by hand. */
const TABLE = [
  ...['triggered acknowledge acknowledged', 'triggered merge merged', 'triggered auto-resolve resolved'],
  ...[
    'acknowledged mitigate mitigated',
    'acknowledged resolve resolved',
    'acknowledged auto-resolve resolved',
  ],
  ...[
    'acknowledged lease-expired triggered',
    'mitigated resolve resolved',
    'mitigated auto-resolve resolved',
  ],
  ...['mitigated regress triggered', 'resolved reopen triggered', 'resolved close closed'],
  ...['resolved auto-close closed', 'merged unmerge triggered'],
];
const MOVES: readonly Move[] = [
  ...(['acknowledge', 'lease-expired', 'mitigate', 'regress', 'resolve', 'auto-resolve'] as const),
  ...(['reopen', 'close', 'auto-close', 'merge', 'unmerge'] as const),
];

describe('moves of incidents', () => {
  const all = INCIDENT_STATUSES.flatMap((status) => MOVES.map((move) => ({ status, move })));
  it.each(all)('$status, $move: as in the table or refused', ({ status, move }) => {
    const row = TABLE.find((one) => one.startsWith(`${status} ${move} `));
    if (row !== undefined) expect(statusAfter('INC-1', status, move)).toBe(row.split(' ')[2]);
    else expect(() => statusAfter('INC-1', status, move)).toThrow(ProblemError);
  });

  it('say what is possible instead', () => {
    expect(() => statusAfter('INC-7', 'acknowledged', 'reopen')).toThrow(
      'INC-7 is acknowledged, so "reopen" is refused; possible: mitigate, resolve',
    );
    expect(() => statusAfter('INC-7', 'closed', 'reopen')).toThrow('nothing but a note is possible');
  });
});

/** A Thursday. */
const START = Date.parse('2026-03-05T10:00Z');

describe('timers of incidents', () => {
  const state = (severity: (typeof SEVERITIES)[number]) => ({
    ...{ severity, timeZone: 'UTC', startedAt: START, triggeredAt: START },
  });
  const dues = (change: ReturnType<typeof timersAfter>, from: number) =>
    Object.fromEntries(change.start.map(({ kind, dueAt }) => [kind, dueAt - from]));

  it.each([
    ['critical', [15 * MINUTE, 30 * MINUTE, 30 * MINUTE, 4 * HOUR]],
    ['high', [HOUR, 2 * HOUR, HOUR, DAY]],
    ['medium', [4 * HOUR, DAY, 8 * HOUR, 5 * DAY]],
    ['low', [DAY, 7 * DAY, DAY, 30 * DAY]],
  ] as const)(
    '%s: response, updates, lease and resolution',
    (severity, [response, update, lease, resolution]) => {
      expect(dues(timersAfter('triggered', state(severity), START), START)).toEqual({
        ...{ ack_due: response, escalate: 0, update_due: update },
      });
      const now = START + 5 * MINUTE;
      expect(dues(timersAfter('acknowledged', state(severity), now), now)).toEqual({
        ...{ ack_lease: lease, resolve_due: resolution - 5 * MINUTE, update_due: update },
      });
    },
  );

  it('updates are due half as often while the impact is gone; over a weekend they wait', () => {
    expect(dues(timersAfter('mitigated', state('high'), START), START)).toEqual({ update_due: 4 * HOUR });
    // From Thursday: Friday, then Monday.
    expect(dues(timersAfter('mitigated', state('medium'), START), START)).toEqual({ update_due: 4 * DAY });
  });

  it.each([
    ['critical', 'review_due', 3 * DAY],
    ['high', 'review_due', 7 * DAY],
    ['medium', 'auto_close', 3 * DAY],
    ['low', 'auto_close', 3 * DAY],
  ] as const)('a resolved %s incident: %s', (severity, kind, after) => {
    const change = timersAfter('resolved', state(severity), START);
    expect([change.cancel, dues(change, START)]).toEqual(['all', { [kind]: after }]);
  });

  it('a worse severity counts from the start', () => {
    const now = START + HOUR;
    expect(dueAfterSeverity('ack_due', state('critical'), now)).toBe(START + 15 * MINUTE);
    expect(dueAfterSeverity('resolve_due', state('critical'), now)).toBe(START + 4 * HOUR);
    expect(dueAfterSeverity('escalate', state('critical'), now)).toBeUndefined();
  });

  it('the weekday is the one of the site', () => {
    // Friday 18:00 UTC is Saturday in Ho Chi Minh City.
    const friday = Date.parse('2026-03-06T18:00Z');
    expect(addWorkingDays(friday, 1, 'UTC') - friday).toBe(3 * DAY);
    expect(addWorkingDays(friday, 1, 'Asia/Ho_Chi_Minh') - friday).toBe(2 * DAY);
    expect(addWorkingDays(friday - DAY, 1, 'UTC') - friday).toBe(0);
    expect(addWorkingDays(friday - DAY, 1, 'Asia/Ho_Chi_Minh') - friday).toBe(2 * DAY);
  });
});
