import { expect, it } from 'vitest';
import { newSeriesSchema } from '../../schema/maintenance.js';
import { repeatOf, ruleOf } from './repeat.js';

it.each([
  ['daily', '2026-03-02T01:00', '', 'FREQ=DAILY'],
  ['weekly', '2026-03-02T01:00', '2026-12-31', 'FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231'],
  ['fortnightly', '2026-03-01T01:00', '', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=SU'],
  ['monthly', '2026-03-08T01:00', '', 'FREQ=MONTHLY;BYDAY=2SU'],
  ['monthly', '2026-03-29T01:00', '', 'FREQ=MONTHLY;BYDAY=-1SU'],
] as const)('%s from %s until "%s" is %s, and is read back', (repeat, start, until, rule) => {
  expect(ruleOf(repeat, start, until)).toBe(rule);
  expect(repeatOf(rule, start)).toEqual({ repeat, until });
  expect(newSeriesSchema.options[0].shape.rule.safeParse(rule).success).toBe(true);
});

it('leaves a rule alone that the form does not offer', () => {
  expect(repeatOf('FREQ=MONTHLY;BYMONTHDAY=15', '2026-03-02T01:00')).toEqual({ repeat: 'other', until: '' });
});
