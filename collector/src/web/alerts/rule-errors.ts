import type { AlertRuleAnswer } from '../../schema/alerts.js';
import { fieldError } from '../field-errors.js';

/** Where the trial of a change puts what saving has at the top. */
const IN_TRIAL = 'override';

/** Fields of a rule's form at which errors are shown. */
export function fieldsOf({ conditions }: AlertRuleAnswer): string[] {
  const own = conditions.flatMap(({ name }) =>
    name === '' ? ['thresholds', 'clears'] : [`thresholds.${name}`, `clears.${name}`],
  );
  return [...own, 'forSeconds', 'keepSeconds', 'severity'].flatMap((one) => [one, `${IN_TRIAL}.${one}`]);
}

/** What is wrong with a field, of the trial or of the change. */
export function ruleError(error: Error | null, field: string): string | undefined {
  return fieldError(error, field) ?? fieldError(error, `${IN_TRIAL}.${field}`);
}
