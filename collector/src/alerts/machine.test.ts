import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  IllegalMoveError,
  isFlapping,
  keepOf,
  moved,
  nextMove,
  opened,
  type AlertState,
  type Instance,
  type Move,
  type Seen,
  type Timing,
} from './machine.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STATES = ['pending', 'firing', 'clearing', 'resolved'] as const;
const SEEN: readonly Seen[] = ['true', 'false', 'unknown', 'gone', 'stale'];

/** The state table of the operations design, with `-` for no alert: nothing else may happen. */
const LEGAL: Readonly<Record<string, readonly string[]>> = {
  '-': ['-', 'pending'],
  pending: ['pending', '-', 'firing'],
  firing: ['firing', 'clearing', 'resolved'],
  clearing: ['clearing', 'firing', 'resolved'],
  resolved: ['resolved'],
};

function instance(state: AlertState, fields: Partial<Instance> = {}): Instance {
  const fired = state === 'pending' ? null : 10;
  const times = {
    firedAt: fired,
    clearingAt: state === 'clearing' ? 20 : null,
    resolvedAt: state === 'resolved' ? 30 : null,
    resolveReason: state === 'resolved' ? ('auto' as const) : null,
  };
  return { ...opened(0), state, ...times, ...fields };
}

const timing = (fields: Partial<Timing> = {}): Timing => ({
  ...{ now: HOUR, forMs: 2 * MINUTE, keepMs: 3 * MINUTE, periodMs: 5000, enough: true, ...fields },
});

describe('the state table', () => {
  const moves: [string, Instance | undefined, Seen, Partial<Timing>, Move][] = [
    ['nothing, true', undefined, 'true', {}, { kind: 'open' }],
    ['nothing, false', undefined, 'false', {}, { kind: 'none' }],
    ['nothing, unknown', undefined, 'unknown', {}, { kind: 'none' }],
    ['pending, true for long enough', instance('pending'), 'true', { now: 2 * MINUTE }, { kind: 'fire' }],
    ['pending, not yet', instance('pending'), 'true', { now: 2 * MINUTE - 1 }, { kind: 'none' }],
    ['pending, too few samples', instance('pending'), 'true', { enough: false }, { kind: 'none' }],
    ['pending, false', instance('pending'), 'false', {}, { kind: 'drop' }],
    ['pending, unknown', instance('pending'), 'unknown', {}, { kind: 'none' }],
    ['pending, gone', instance('pending'), 'gone', {}, { kind: 'drop' }],
    ['firing, true', instance('firing'), 'true', {}, { kind: 'none' }],
    ['firing, false', instance('firing'), 'false', {}, { kind: 'clear' }],
    ['firing, gone', instance('firing'), 'gone', {}, { kind: 'resolve', reason: 'rule_removed' }],
    ['firing, stale', instance('firing'), 'stale', {}, { kind: 'resolve', reason: 'stale' }],
    ['firing, unknown at first', instance('firing'), 'unknown', {}, { kind: 'unknown' }],
    [
      'firing, unknown for three periods',
      instance('firing', { unknownSince: HOUR - 15_000 }),
      'unknown',
      {},
      { kind: 'none' },
    ],
    [
      'firing, unknown for longer',
      instance('firing', { unknownSince: HOUR - 15_001 }),
      'unknown',
      {},
      { kind: 'no-data' },
    ],
    ['firing, known again', instance('firing', { unknownSince: 1 }), 'false', {}, { kind: 'known' }],
    ['clearing, true', instance('clearing'), 'true', {}, { kind: 'refire' }],
    [
      'clearing, false for long enough',
      instance('clearing'),
      'false',
      { now: 20 + 3 * MINUTE },
      { kind: 'resolve', reason: 'auto' },
    ],
    ['clearing, not yet', instance('clearing'), 'false', { now: 19 + 3 * MINUTE }, { kind: 'none' }],
    [
      'clearing, unknown past its time',
      instance('clearing', { unknownSince: 21 }),
      'unknown',
      { periodMs: HOUR },
      { kind: 'none' },
    ],
    ['clearing, gone', instance('clearing'), 'gone', {}, { kind: 'resolve', reason: 'rule_removed' }],
    ['resolved, true', instance('resolved'), 'true', {}, { kind: 'none' }],
  ];
  it.each(moves.map(([name, ...row]) => [name, row] as const))(
    '%s',
    (_name, [before, seen, fields, move]) => {
      expect(nextMove(before, seen, timing(fields))).toEqual(move);
    },
  );

  it('refuses every move that it does not have', () => {
    const moves = ['fire', 'clear', 'refire', 'resolve', 'unknown', 'known', 'no-data'] as const;
    const allowed: Record<(typeof moves)[number], readonly AlertState[]> = {
      ...{ fire: ['pending'], clear: ['firing'], refire: ['clearing'], resolve: ['firing', 'clearing'] },
      ...{
        unknown: ['firing', 'clearing'],
        known: ['firing', 'clearing'],
        'no-data': ['firing', 'clearing'],
      },
    };
    for (const kind of moves)
      for (const state of STATES) {
        const move: Move = kind === 'resolve' ? { kind, reason: 'auto' } : { kind };
        const make = () => moved(instance(state), move, HOUR);
        if (allowed[kind].includes(state)) expect(make).not.toThrow();
        else expect(make).toThrow(IllegalMoveError);
      }
    for (const kind of ['open', 'drop'] as const)
      expect(() => moved(instance('firing'), { kind }, HOUR)).toThrow(IllegalMoveError);
  });

  it('makes legal moves only, whatever is seen and however time goes by', () => {
    const looks = fc.array(
      fc.record({
        seen: fc.constantFrom(...SEEN),
        passes: fc.integer({ min: 1, max: 20 * MINUTE }),
        enough: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(looks, (all) => {
        let now = 0;
        let current: Instance | undefined;
        for (const { seen, passes, enough } of all) {
          now += passes;
          const before = current?.state ?? '-';
          const move = nextMove(current, seen, timing({ now, enough }));
          current =
            move.kind === 'open'
              ? opened(now)
              : move.kind === 'drop'
                ? undefined
                : current && moved(current, move, now);
          const after = current?.state ?? '-';
          expect(LEGAL[before]).toContain(after);
          // Missing data alone never changes a state.
          if (seen === 'unknown') expect(after).toBe(before);
          if (current === undefined) continue;
          expect(current.firedAt === null).toBe(current.state === 'pending');
          expect(current.clearingAt !== null || current.state !== 'clearing').toBe(true);
          expect(current.resolvedAt !== null).toBe(current.state === 'resolved');
        }
      }),
    );
  });
});

describe('flapping', () => {
  const flaps = [10, 20, 30, 40].map((minute) => minute * MINUTE);

  it('begins with the fourth return within an hour, and is over when they are older', () => {
    expect(isFlapping(flaps.slice(0, 3), 41 * MINUTE)).toBe(false);
    expect(isFlapping(flaps, 41 * MINUTE)).toBe(true);
    expect(isFlapping(flaps, 70 * MINUTE)).toBe(false);
  });

  it.each([
    ['four times as long', 2 * MINUTE, flaps, 8 * MINUTE],
    ['an hour at most', 30 * MINUTE, flaps, HOUR],
    ['not shorter than the rule says', 2 * HOUR, flaps, 2 * HOUR],
    ['as the rule says while it does not flap', 2 * MINUTE, [], 2 * MINUTE],
  ])('must be quiet for %s', (_name, keep, returns, expected) => {
    expect(keepOf(keep, returns, 41 * MINUTE)).toBe(expected);
  });

  it('counts a return, and forgets those that are older than an hour', () => {
    const again = moved(instance('clearing', { flaps: [1, 2 * MINUTE] }), { kind: 'refire' }, HOUR + MINUTE);
    expect(again).toMatchObject({ state: 'firing', clearingAt: null, flaps: [2 * MINUTE, HOUR + MINUTE] });
  });

  it('starts to be quiet anew when nobody could see whether it was', () => {
    const known = moved(instance('clearing', { unknownSince: 21 }), { kind: 'known' }, HOUR);
    expect(known).toMatchObject({ state: 'clearing', clearingAt: HOUR, unknownSince: null });
  });
});
