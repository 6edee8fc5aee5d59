import { expect, test } from 'vitest';
import { changesOf } from './rule-versions.js';
import { defaultRule } from './rules.js';
import { pagesOf } from './try-override.js';

const MINUTE = 60_000;

function ruleOf(slug: string) {
  const rule = defaultRule(slug);
  if (rule === undefined) throw new Error(`no rule ${slug}`);
  return rule;
}

test('only what differs is a change, with its unit and condition', () => {
  const rule = ruleOf('gateway-clock-skew');
  expect(changesOf(rule, {}, { enabled: true, thresholds: { offset: 2 } })).toEqual([]);
  expect(changesOf(rule, { forSeconds: 60 }, { enabled: false, thresholds: { offset: 5 } })).toEqual([
    { field: 'enabled', condition: '', unit: '', before: true, after: false },
    { field: 'threshold', condition: 'offset', unit: 's', before: 2, after: 5 },
    { field: 'forSeconds', condition: 'offset', unit: 's', before: 60, after: 600 },
    { field: 'forSeconds', condition: 'unsynchronised', unit: 's', before: 60, after: 600 },
  ]);
});

test('alerts of a group within 45 minutes are one incident, low ones open none', () => {
  const alert = (from: number, to: number | null, group = 'site:a', pages = true) => ({
    ...{ from: from * MINUTE, to: to === null ? null : to * MINUTE, group, pages },
  });
  const cases = [
    [[alert(0, 10), alert(5, 8), alert(55, 60)], 1],
    [[alert(0, 10), alert(56, 60)], 2],
    // The short one does not end what the long one keeps open.
    [[alert(0, 100), alert(5, 8), alert(120, 130)], 1],
    [[alert(0, 10), alert(1, 2, 'site:b')], 2],
    [[alert(0, null), alert(1000, null)], 1],
    [[alert(0, 10, 'site:a', false)], 0],
  ] as const;
  for (const [found, pages] of cases) expect(pagesOf(found)).toBe(pages);
});
