import { Badge, Button, Card, Group, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AlertRuleAnswer, DryRunAnswer } from '../../schema/alerts.js';
import { changeAlertRule, dryRunRule, fetchAlertRules } from '../api.js';
import { number } from '../format.js';
import { RunbookLink } from '../handbook/runbook-link.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';
import { SEVERITY_COLORS } from './alert-card.js';
import { RuleHistory } from './rule-history.js';
import { useLength } from './use-length.js';

const DAYS = 7;

/** Every rule: what it means, when it fires, whether it is on, and what it would have done. */
export function RulesList({ mayChange, shown }: { mayChange: boolean; shown: string | undefined }) {
  const rules = useQuery({ queryKey: ['alert-rules'], queryFn: fetchAlertRules });
  if (rules.isError) return <LoadFailed error={rules.error} retry={() => void rules.refetch()} />;
  if (rules.data === undefined) return <Skeleton h={220} />;
  return (
    <>
      {rules.data.map((rule) => (
        <RuleCard key={rule.slug} rule={rule} mayChange={mayChange} isShown={rule.slug === shown} />
      ))}
    </>
  );
}

interface RuleCardProps {
  readonly rule: AlertRuleAnswer;
  readonly mayChange: boolean;
  /** The address names it. */
  readonly isShown: boolean;
}

function RuleCard({ rule, mayChange, isShown }: RuleCardProps) {
  const { t, i18n } = useTranslation();
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isShown) card.current?.focus();
  }, [isShown]);
  const queries = useQueryClient();
  const { slug, severity, conditions, enabled, version } = rule;
  const language = i18n.language === 'vi' ? 'vi' : 'en';
  const turn = useMutation({
    mutationFn: (on: boolean) => changeAlertRule(slug, { ...rule.override, enabled: on }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['alert-rules'] }),
  });
  return (
    <Card ref={card} tabIndex={-1} withBorder data-testid="rule" data-rule={slug}>
      <Stack gap={4}>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Group gap="sm">
            <Text fw={600}>{rule.title[language]}</Text>
            <Badge color={SEVERITY_COLORS[severity]} variant="filled">
              {t(`alerts.severity-${severity}`)}
            </Badge>
          </Group>
          <Switch
            label={t('alertRule.on')}
            aria-label={`${t('alertRule.on')}: ${rule.title[language]}`}
            checked={enabled}
            disabled={!mayChange || turn.isPending}
            onChange={({ currentTarget }) => turn.mutate(currentTarget.checked)}
          />
        </Group>
        <Text size="sm">{rule.meaning[language]}</Text>
        {conditions.map((condition) => (
          <Text key={condition.name} size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            <ConditionText condition={condition} />
          </Text>
        ))}
        <RunbookLink runbook={rule.runbook} />
        {version > 0 && <Text size="xs">{t('alertRule.changed', { version })}</Text>}
        <Problem error={turn.error} />
        {rule.dryRun && <DryRun slug={slug} />}
        <RuleHistory rule={rule} mayChange={mayChange} />
      </Stack>
    </Card>
  );
}

function ConditionText({ condition }: { condition: AlertRuleAnswer['conditions'][number] }) {
  const { t, i18n } = useTranslation();
  const { signal, op, threshold, unit, forSeconds } = condition;
  const digits = Number.isInteger(threshold) ? 0 : 2;
  const limit = `${number(threshold, i18n.language, digits)} ${unit}`.trim();
  const time = useLength(forSeconds);
  const compared = `${signal} ${op} ${limit}`;
  return <>{forSeconds === 0 ? compared : `${compared} ${t('alertRule.for', { time })}`}</>;
}

function DryRun({ slug }: { slug: string }) {
  const { t } = useTranslation();
  const run = useMutation({ mutationFn: () => dryRunRule(slug, DAYS) });
  return (
    <Stack gap="xs" mt="xs" align="flex-start">
      <Button variant="default" mih={44} loading={run.isPending} onClick={() => run.mutate()}>
        {t('alertRule.try')}
      </Button>
      <Problem error={run.error} />
      {run.data !== undefined && (
        <Text size="sm" aria-live="polite" data-testid="dry-run">
          <DryRunText run={run.data} />
        </Text>
      )}
    </Stack>
  );
}

function DryRunText({ run: { fired, longestMs, atNight } }: { run: DryRunAnswer }) {
  const { t } = useTranslation();
  const longest = useLength(Math.round((longestMs ?? 0) / 1000));
  return <>{fired === 0 ? t('alertRule.none') : t('alertRule.fired', { fired, longest, night: atNight })}</>;
}
