import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_RULES } from '../src/alerts/rules.js';
import { RULE_GROUPS } from './_util/alert-rule-groups.js';

test('every default rule is in one group of rules that are tested, and is measured', () => {
  const tested = Object.entries(RULE_GROUPS).flatMap(([group, slugs]) => {
    const file = new URL(`alert-rules-${group}.test.ts`, import.meta.url);
    return existsSync(file) ? [...slugs] : [];
  });
  const slugs = DEFAULT_RULES.map(({ slug }) => slug);
  expect({
    untested: slugs.filter((slug) => !(tested as string[]).includes(slug)),
    unmeasured: DEFAULT_RULES.filter(({ conditions }) => conditions.length === 0).map(({ slug }) => slug),
    twice: tested.filter((slug, index) => tested.indexOf(slug) !== index),
    unknown: tested.filter((slug) => !slugs.includes(slug)),
  }).toEqual({ untested: [], unmeasured: [], twice: [], unknown: [] });
});

test('the thirty-five rules stand in their order, with runbook, texts and parents that exist', () => {
  expect(DEFAULT_RULES.map(({ number }) => number)).toEqual(
    Array.from({ length: 35 }, (_, index) => index + 1),
  );
  const slugs = new Set(DEFAULT_RULES.map(({ slug }) => slug));
  expect(slugs.size).toBe(35);
  for (const { inhibitedBy, title, meaning, runbook, slug } of DEFAULT_RULES) {
    for (const text of [title.en, title.vi, meaning.en, meaning.vi, runbook])
      expect([slug, text]).not.toContain('');
    // A site cut is told by another rule that the design names but does not have: rules/site-uplink-down.
    for (const parent of inhibitedBy) expect([slug, parent, slugs.has(parent)]).toEqual([slug, parent, true]);
  }
});
