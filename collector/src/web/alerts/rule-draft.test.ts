import { expect, test } from 'vitest';
import { draftOf, overrideOf } from './rule-draft.js';

test('a form that is empty is the default, and what a version says comes back as it was', () => {
  expect(overrideOf(draftOf({}))).toEqual({});
  expect(overrideOf(draftOf({ enabled: true, thresholds: {} }))).toEqual({});
  const override = {
    ...{ enabled: false, severity: 'low' as const, forSeconds: 0, keepSeconds: 90 },
    ...{ thresholds: { a: 0, b: 1.5 }, clears: { '': -1 } },
  };
  expect(overrideOf(draftOf(override))).toEqual(override);
  const cleared = { ...draftOf(override), forSeconds: '', thresholds: { a: '', b: '2' } };
  expect(overrideOf(cleared)).toMatchObject({ thresholds: { b: 2 } });
  expect(overrideOf(cleared)).not.toHaveProperty('forSeconds');
});
