import { SegmentedControl, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AlertAnswer } from '../../schema/alerts.js';
import { fetchAlertRules, fetchAlerts } from '../api.js';
import { LoadFailed } from '../load-failed.js';
import { usePlace } from '../navigation.js';
import { AlertCard } from './alert-card.js';
import { RulesList } from './rules-list.js';

const REFRESH_MS = 5000;
const VIEWS = ['open', 'resolved', 'rules'] as const;
type View = (typeof VIEWS)[number];

interface AlertsPageProps {
  /** May end an alert that does not end by itself. */
  readonly mayEnd: boolean;
  /** May change rules. */
  readonly mayChange: boolean;
}

/** What is wrong now, what was, and the rules that say so. */
export function AlertsPage({ mayEnd, mayChange }: AlertsPageProps) {
  const { t } = useTranslation();
  // "rules/camera-offline" is a rule.
  const [where, rule] = usePlace().split('/');
  const [view, setView] = useState<View>(where === 'rules' ? 'rules' : 'open');
  return (
    <Stack gap="md" data-testid="alerts">
      <Title order={2} size="h4">
        {t('alerts.title')}
      </Title>
      <SegmentedControl
        aria-label={t('alerts.view')}
        value={view}
        onChange={(value) => setView(VIEWS.find((one) => one === value) ?? 'open')}
        data={VIEWS.map((value) => ({ value, label: t(`alerts.${value}`) }))}
      />
      {view === 'rules' ? (
        <RulesList mayChange={mayChange} shown={rule} />
      ) : (
        <AlertList state={view} mayEnd={mayEnd} />
      )}
    </Stack>
  );
}

function AlertList({ state, mayEnd }: { state: 'open' | 'resolved'; mayEnd: boolean }) {
  const { t, i18n } = useTranslation();
  const answer = useQuery({
    queryKey: ['alerts', state],
    queryFn: () => fetchAlerts(state),
    refetchInterval: REFRESH_MS,
  });
  const rules = useQuery({ queryKey: ['alert-rules'], queryFn: fetchAlertRules });
  if (answer.isError) return <LoadFailed error={answer.error} retry={() => void answer.refetch()} />;
  if (answer.data === undefined) return <Skeleton h={120} />;
  const { alerts, total } = answer.data;
  const titles = new Map(
    (rules.data ?? []).map(({ slug, title }) => [slug, title[i18n.language === 'vi' ? 'vi' : 'en']]),
  );
  const ids = new Set(alerts.map(({ id }) => id));
  const children = (id: string) => alerts.filter(({ parent }) => parent === id);
  const isRoot = ({ parent }: AlertAnswer) => parent === null || !ids.has(parent);
  return (
    <>
      {alerts.length === 0 && (
        <Text c="dimmed">{state === 'open' ? t('alerts.none') : t('alerts.noneResolved')}</Text>
      )}
      {alerts.filter(isRoot).map((alert) => (
        <AlertCard key={alert.id} {...{ alert, titles, mayEnd }} childrenOf={children} />
      ))}
      {total > alerts.length && (
        <Text size="sm" c="dimmed">
          {t('alerts.more', { shown: alerts.length, total })}
        </Text>
      )}
    </>
  );
}
