import {
  Alert,
  Button,
  Group,
  NativeSelect,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RuleTrial, RuleVersions } from '../../schema/alert-rules.js';
import type { AlertRuleAnswer, RuleOverride } from '../../schema/alerts.js';
import { SEVERITIES } from '../../schema/incident-words.js';
import { changeAlertRule } from '../api.js';
import { restOf } from '../field-errors.js';
import { Problem } from '../problem.js';
import { useTrial } from '../use-trial.js';
import { ConditionFields } from './condition-fields.js';
import { draftOf, overrideOf, type RuleDraft } from './rule-draft.js';
import { fieldsOf, ruleError } from './rule-errors.js';
import { tryRule } from './rules-api.js';
import { useLengths } from './use-length.js';

const DAYS = 28;

interface RuleFormProps {
  readonly rule: AlertRuleAnswer;
  /** What the form begins with. */
  readonly draft: RuleOverride;
  readonly standard: RuleVersions['default'];
  readonly onSaved: () => void;
}

/** Thresholds, times and severity of a rule; saved once it was tried on history, where there is any. */
export function RuleForm({ rule, draft: start, standard, onSaved }: RuleFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(start));
  const override = overrideOf(draft);
  const trial = useTrial(override, (one) => tryRule(rule.slug, one, DAYS));
  const save = useMutation({
    mutationFn: () => changeAlertRule(rule.slug, override),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['alert-rules'] });
      onSaved();
    },
  });
  const isChanged = JSON.stringify(override) !== JSON.stringify(overrideOf(draftOf(rule.override)));
  const mayBeSaved = isChanged && (!rule.dryRun || trial.result !== undefined);
  const error = save.error ?? trial.error;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (mayBeSaved) save.mutate();
        else if (rule.dryRun) trial.run();
      }}
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} data-testid="rule-form">
        <Stack gap="sm">
          <Switch
            label={t('ruleEdit.field-enabled')}
            checked={draft.enabled}
            onChange={(event) => setDraft({ ...draft, enabled: event.currentTarget.checked })}
          />
          <ConditionFields {...{ rule, standard, draft, error }} onChange={setDraft} />
          <TimesAndSeverity {...{ standard, draft, error }} onChange={setDraft} />
        </Stack>
        <Stack gap="sm">
          <Problem error={restOf(error, fieldsOf(rule))} />
          {trial.result !== undefined && <Outcome trial={trial.result} />}
          {!rule.dryRun && <Text size="sm">{t('ruleEdit.noHistory')}</Text>}
          <Group>
            {rule.dryRun && (
              // Enter tries what was not tried yet: a form is sent by its first button that sends.
              <Button
                variant="default"
                mih={44}
                type={mayBeSaved ? 'button' : 'submit'}
                loading={trial.isPending}
                {...(mayBeSaved && { onClick: trial.run })}
              >
                {t('ruleEdit.try', { days: DAYS })}
              </Button>
            )}
            <Button type="submit" mih={44} disabled={!mayBeSaved} loading={save.isPending}>
              {t('ruleEdit.save')}
            </Button>
          </Group>
          {rule.dryRun && isChanged && !mayBeSaved && (
            <Text size="sm" c="dimmed">
              {t('ruleEdit.tryFirst')}
            </Text>
          )}
        </Stack>
      </SimpleGrid>
    </form>
  );
}

interface TimesProps {
  readonly standard: RuleVersions['default'];
  readonly draft: RuleDraft;
  readonly error: Error | null;
  readonly onChange: (draft: RuleDraft) => void;
}

function TimesAndSeverity({ standard, draft, error, onChange }: TimesProps) {
  const { t } = useTranslation();
  const lengths = useLengths();
  const defaults = {
    forSeconds: [...new Set(standard.conditions.map(({ forSeconds }) => lengths(forSeconds)))].join(', '),
    keepSeconds: lengths(standard.keepSeconds),
  };
  return (
    <>
      {(['forSeconds', 'keepSeconds'] as const).map((field) => (
        <TextInput
          key={field}
          type="number"
          min={0}
          label={`${t(`ruleEdit.field-${field}`)} (s)`}
          description={`${draft[field] === '' ? '' : `${lengths(Number(draft[field]))}; `}${t('ruleEdit.standard', { value: defaults[field] })}`}
          value={draft[field]}
          error={ruleError(error, field)}
          onChange={(event) => onChange({ ...draft, [field]: event.currentTarget.value })}
        />
      ))}
      <NativeSelect
        label={t('ruleEdit.field-severity')}
        value={draft.severity}
        error={ruleError(error, 'severity')}
        onChange={(event) =>
          onChange({ ...draft, severity: SEVERITIES.find((one) => one === event.currentTarget.value) ?? '' })
        }
        data={[
          {
            value: '',
            label: t('ruleEdit.standard', { value: t(`alerts.severity-${standard.severity}`) }),
          },
          ...SEVERITIES.map((value) => ({ value, label: t(`alerts.severity-${value}`) })),
        ]}
      />
    </>
  );
}

function Outcome({ trial: { before, after, untold } }: { trial: RuleTrial }) {
  const { t } = useTranslation();
  return (
    <Alert color="blue" role="status" title={t('ruleEdit.outcome', { days: DAYS })} data-testid="trial">
      <Text size="sm">{t('ruleEdit.before', before)}</Text>
      <Text size="sm" fw={600}>
        {t('ruleEdit.after', after)}
      </Text>
      {untold.length > 0 && <Text size="sm">{t('ruleEdit.untold', { conditions: untold.join(', ') })}</Text>}
      <Text size="xs" c="dimmed">
        {t('ruleEdit.means')}
      </Text>
    </Alert>
  );
}
