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
import { Silences } from './silences.js';

const REFRESH_MS = 5000;
const VIEWS = ['open', 'resolved', 'rules', 'silences'] as const;
type View = (typeof VIEWS)[number];
const NO_SILENCE = { rule: '', path: '' };

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
  const [silenceOf, setSilenceOf] = useState(NO_SILENCE);
  const titles = useRuleTitles();
  const silence = ({ rule, asset }: AlertAnswer) => {
    setSilenceOf({ rule, path: asset.path });
    setView('silences');
  };
  return (
    <Stack gap="md" data-testid="alerts">
      <Title order={2} size="h4">
        {t('alerts.title')}
      </Title>
      <SegmentedControl
        aria-label={t('alerts.view')}
        fullWidth
        // Four words side by side on a phone.
        styles={{ label: { paddingInline: 4 } }}
        value={view}
        onChange={(value) => {
          setSilenceOf(NO_SILENCE);
          setView(VIEWS.find((one) => one === value) ?? 'open');
        }}
        data={VIEWS.map((value) => ({ value, label: t(`alerts.${value}`) }))}
      />
      {view === 'rules' && <RulesList mayChange={mayChange} shown={rule} />}
      {view === 'silences' && (
        <Silences of={silenceOf} titles={titles} mayAct={mayEnd} mayBeLong={mayChange} />
      )}
      {(view === 'open' || view === 'resolved') && (
        <AlertList state={view} {...{ titles, mayEnd }} onSilence={mayEnd ? silence : undefined} />
      )}
    </Stack>
  );
}

/** What rules are called, by their slugs, in the language of the page. */
function useRuleTitles(): ReadonlyMap<string, string> {
  const { i18n } = useTranslation();
  const rules = useQuery({ queryKey: ['alert-rules'], queryFn: fetchAlertRules });
  return new Map(
    (rules.data ?? []).map(({ slug, title }) => [slug, title[i18n.language === 'vi' ? 'vi' : 'en']]),
  );
}

interface AlertListProps {
  readonly state: 'open' | 'resolved';
  readonly titles: ReadonlyMap<string, string>;
  readonly mayEnd: boolean;
  /** Undefined where nothing can be silenced. */
  readonly onSilence: ((alert: AlertAnswer) => void) | undefined;
}

function AlertList({ state, titles, mayEnd, onSilence }: AlertListProps) {
  const { t } = useTranslation();
  const answer = useQuery({
    queryKey: ['alerts', state],
    queryFn: () => fetchAlerts(state),
    refetchInterval: REFRESH_MS,
  });
  if (answer.isError) return <LoadFailed error={answer.error} retry={() => void answer.refetch()} />;
  if (answer.data === undefined) return <Skeleton h={120} />;
  const { alerts, total } = answer.data;
  const ids = new Set(alerts.map(({ id }) => id));
  const children = (id: string) => alerts.filter(({ parent }) => parent === id);
  const isRoot = ({ parent }: AlertAnswer) => parent === null || !ids.has(parent);
  return (
    <>
      {alerts.length === 0 && (
        <Text c="dimmed">{state === 'open' ? t('alerts.none') : t('alerts.noneResolved')}</Text>
      )}
      {alerts.filter(isRoot).map((alert) => (
        <AlertCard key={alert.id} {...{ alert, titles, mayEnd, onSilence }} childrenOf={children} />
      ))}
      {total > alerts.length && (
        <Text size="sm" c="dimmed">
          {t('alerts.more', { shown: alerts.length, total })}
        </Text>
      )}
    </>
  );
}
