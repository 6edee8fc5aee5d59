import { describe, expect, it } from 'vitest';
import { matchEvents, type FrameEvent, type MatchOptions } from './match.js';
import { scoreLine } from './score-line.js';

const going = (direction: 'in' | 'out') => (frame: number) => ({ frame, track: 1, direction });
const [into, out] = [going('in'), going('out')];

function judge(counted: FrameEvent[], truth: FrameEvent[], more: Partial<MatchOptions> = {}): string[] {
  const all = { counted, truth, optional: [], tolerance: 10, range: { from: 1, to: 1000 }, lastFrame: 1000 };
  return matchEvents({ ...all, ...more }).map(
    (event) => `${event.verdict} ${event.truth?.frame ?? '-'} ${event.counted?.frame ?? '-'}`,
  );
}

describe('events', () => {
  it.each([
    {
      name: 'a nearest-first choice would lose a pair',
      counted: [into(110), into(118)],
      truth: [into(100), into(112)],
      judged: ['right 100 110', 'right 112 118'],
    },
    {
      name: 'of two complete matchings the nearer one is taken',
      counted: [into(100), into(104)],
      truth: [into(99), into(105)],
      judged: ['right 99 100', 'right 105 104'],
    },
    {
      name: 'a miss and a false count do not cancel',
      counted: [into(300)],
      truth: [into(100)],
      judged: ['missed 100 -', 'extra - 300'],
    },
    {
      name: 'the other direction is one mistake, not two',
      counted: [out(102)],
      truth: [into(100)],
      judged: ['wrongDirection 100 102'],
    },
    {
      name: 'the right direction goes before a nearer wrong one',
      counted: [out(100), into(108)],
      truth: [into(100)],
      judged: ['right 100 108', 'extra - 100'],
    },
    {
      name: 'exactly at the tolerance still matches, beyond it does not',
      counted: [into(110), into(210.5)],
      truth: [into(100), into(200)],
      judged: ['right 100 110', 'missed 200 -', 'extra - 210.5'],
    },
    {
      name: 'one passage counted twice is one extra',
      counted: [into(100), into(103)],
      truth: [into(100)],
      judged: ['right 100 100', 'extra - 103'],
    },
  ])('$name', ({ counted, truth, judged }) => {
    expect(judge(counted, truth).sort()).toEqual([...judged].sort());
  });

  it('that are optional count neither way, and never take a true one’s match', () => {
    const optional = [into(100)];
    expect(judge([into(101)], [], { optional })).toEqual(['optional 100 101']);
    expect(judge([], [], { optional })).toEqual([]);
    expect(judge([into(101)], [into(109)], { optional })).toEqual(['right 109 101']);
    expect(judge([into(101), into(104)], [into(94)], { optional })).toEqual([
      'right 94 101',
      'optional 100 104',
    ]);
  });

  it('outside the range are not scored but explain those inside', () => {
    const range = { from: 100, to: 200 };
    expect(judge([into(50), into(250)], [into(60), into(300)], { range })).toEqual([]);
    expect(judge([into(103)], [into(97)], { range })).toEqual(['optional 97 103']);
    expect(judge([into(97)], [into(103)], { range })).toEqual(['right 103 97']);
  });

  it('near an end of the truth cannot be called extra, unless the clip ends there', () => {
    const range = { from: 100, to: 200 };
    expect(judge([into(105), into(150), into(195)], [], { range })).toEqual([
      'optional - 105',
      'extra - 150',
      'optional - 195',
    ]);
    expect(judge([into(195)], [], { range, lastFrame: 200 })).toEqual(['extra - 195']);
    expect(judge([into(3)], [], { range: { from: 1, to: 200 } })).toEqual(['extra - 3']);
  });
});

it('a line’s accuracy counts every mistake once', () => {
  const options = {
    counted: [into(100), out(205), into(500)],
    truth: [into(100), into(200), into(300)],
    ...{ optional: [], tolerance: 10, range: { from: 1, to: 1000 }, lastFrame: 1000 },
  };
  const { events, interval, ...score } = scoreLine('door', options);
  expect(score).toEqual({
    ...{ id: 'door', truth: 3, right: 1, missed: 1, extra: 1, wrongDirection: 1, unjudged: 0 },
    accuracy: 1 / 4,
  });
  expect(events).toHaveLength(4);
  expect(interval?.low).toBeLessThan(0.25);
});

it('a line without any event has no accuracy, not a perfect one', () => {
  const empty = {
    counted: [],
    truth: [],
    optional: [],
    tolerance: 10,
    range: { from: 1, to: 9 },
    lastFrame: 9,
  };
  expect(scoreLine('door', empty)).toMatchObject({ accuracy: null, interval: null });
});
