import { Fieldset, SimpleGrid, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RuleVersions } from '../../schema/alert-rules.js';
import type { AlertRuleAnswer } from '../../schema/alerts.js';
import { number } from '../format.js';
import type { RuleDraft } from './rule-draft.js';
import { ruleError } from './rule-errors.js';

interface ConditionFieldsProps {
  readonly rule: AlertRuleAnswer;
  readonly standard: RuleVersions['default'];
  readonly draft: RuleDraft;
  readonly error: Error | null;
  readonly onChange: (draft: RuleDraft) => void;
}

/** Where each condition of a rule opens an alert, and where its value must come back to. */
export function ConditionFields({ rule, standard, draft, error, onChange }: ConditionFieldsProps) {
  const { t, i18n } = useTranslation();
  const text = (value: number | null, unit: string) =>
    value === null
      ? t('ruleEdit.never')
      : `${number(value, i18n.language, Number.isInteger(value) ? 0 : 2)} ${unit}`.trim();
  return rule.conditions.map(({ name, signal, op, unit }) => {
    const own = standard.conditions.find((one) => one.name === name);
    const inUnit = unit === '' ? '' : ` (${unit})`;
    const fields = [
      {
        field: 'thresholds',
        label: `${t('ruleEdit.field-threshold')} ${op}${inUnit}`,
        value: own?.threshold,
      },
      { field: 'clears', label: `${t('ruleEdit.field-clear')}${inUnit}`, value: own?.clear },
    ] as const;
    return (
      <Fieldset key={name} legend={signal} p="xs">
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {fields.map(({ field, label, value = null }) => (
            <TextInput
              key={field}
              type="number"
              step="any"
              label={label}
              description={t('ruleEdit.standard', { value: text(value, unit) })}
              value={draft[field][name] ?? ''}
              error={ruleError(error, name === '' ? field : `${field}.${name}`)}
              onChange={(event) =>
                onChange({ ...draft, [field]: { ...draft[field], [name]: event.currentTarget.value } })
              }
            />
          ))}
        </SimpleGrid>
      </Fieldset>
    );
  });
}
