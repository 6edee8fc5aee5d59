import type { AuditResult } from '@headcount/shared';
import { describe, expect, it } from 'vitest';
import { scoreOf, summarise } from './score.js';

const crossings = (text: string) => {
  const [inwards = 0, outwards = 0] = text.split('/').map(Number);
  return { in: inwards, out: outwards };
};

describe('an audited clip', () => {
  it.each([
    ['1/0', '1/0', 'right 1'],
    ['2/1', '1/1', 'right 2 missed 1'],
    ['0/0', '0/1', 'extra 1'],
    ['1/0', '0/1', 'wrongWay 1'],
    ['2/0', '0/1', 'missed 1 wrongWay 1'],
    ['0/1', '2/1', 'right 1 extra 2'],
    ['0/0', '0/0', ''],
  ])('person %s, machine %s: %s', (person, machine, expected) => {
    const score = scoreOf(crossings(person), crossings(machine));
    const text = Object.entries(score)
      .filter(([, events]) => events > 0)
      .map(([name, events]) => `${name} ${String(events)}`);
    expect(text.join(' ')).toBe(expected);
  });
});

it('clips with and without a crossing are summed up apart, with a bound', () => {
  const result = (stratum: AuditResult['stratum'], person: string, machine: string): AuditResult => ({
    ...{ gateway: 'lobby', camera: 'door', line: 'a', from: 0, to: 1, sha256: '', stratum, kept: 1, of: 1 },
    ...{ person: crossings(person), machine: crossings(machine), answeredAt: 2 },
    ...{ configVersion: 'c', modelHash: 'm' },
  });
  const right = Array.from({ length: 26 }, () => result('crossing', '1/0', '1/0'));
  const results = [
    ...right,
    result('crossing', '0/0', '1/0'),
    result('near', '1/0', '0/0'),
    result('near', '0/0', '0/0'),
  ];
  const [summary] = summarise([...results, { ...result('near', '0/0', '0/0'), line: 'b' }]);
  expect(summary).toMatchObject({
    camera: 'door',
    line: 'a',
    crossing: { clips: 27, right: 26, missed: 0, extra: 1, wrongWay: 0 },
    near: { clips: 2, missed: 1 },
  });
  // Wilson, 26 of 27.
  expect(summary?.crossing.accuracy?.share).toBeCloseTo(0.963, 3);
  expect(summary?.crossing.accuracy?.low).toBeCloseTo(0.817, 3);
  expect(summarise([])).toEqual([]);
});
