import { Anchor, Badge, Button, Card, Group, List, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AlertAnswer } from '../../schema/alerts.js';
import { fetchAlert, resolveAlert } from '../api.js';
import { dateTimeWithZone, number } from '../format.js';
import { RunbookLink } from '../handbook/runbook-link.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';

export const SEVERITY_COLORS: Readonly<Record<AlertAnswer['severity'], string>> = {
  ...{ critical: 'red.9', high: 'orange.9', medium: 'blue.9', low: 'gray.7' },
};
/** Shorter reasons say nothing to whoever reads them later. */
const LEAST_REASON = 3;

interface AlertCardProps {
  readonly alert: AlertAnswer;
  /** Of rules, by slug, in the language of the page. */
  readonly titles: ReadonlyMap<string, string>;
  readonly mayEnd: boolean;
  /** Undefined where nothing can be silenced. */
  readonly onSilence: ((alert: AlertAnswer) => void) | undefined;
  readonly childrenOf: (id: string) => readonly AlertAnswer[];
}

/** One alert: what, where, since when, why nobody is told, and the alerts that it explains. */
export function AlertCard({ alert, titles, mayEnd, onSilence, childrenOf }: AlertCardProps) {
  const { t, i18n } = useTranslation();
  const { title, severity, asset, state } = alert;
  const explained = childrenOf(alert.id);
  const time = (at: number) => dateTimeWithZone(at, i18n.language);
  return (
    <Card withBorder data-testid="alert" data-rule={alert.rule} data-state={state}>
      <Stack gap={4}>
        <Group gap="sm">
          <Text fw={600}>{title[i18n.language === 'vi' ? 'vi' : 'en']}</Text>
          <Badge color={SEVERITY_COLORS[severity]} variant="filled">
            {t(`alerts.severity-${severity}`)}
          </Badge>
        </Group>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {asset.name} · {asset.path}
        </Text>
        <Text size="sm">
          {alert.resolvedAt === null
            ? t('alerts.since', { time: time(alert.since) })
            : `${t('alerts.until', { from: time(alert.since), to: time(alert.resolvedAt) })} · ${t(`alerts.over-${alert.resolveReason ?? 'auto'}`)}`}
        </Text>
        <Measured alert={alert} />
        {state === 'clearing' && alert.dueAt !== null && (
          <Text size="sm">{t('alerts.clearing', { time: time(alert.dueAt) })}</Text>
        )}
        {alert.noDataSince !== null && (
          <Text size="sm">{t('alerts.noData', { time: time(alert.noDataSince) })}</Text>
        )}
        {alert.flapping && <Text size="sm">{t('alerts.flapping')}</Text>}
        {alert.suppressedBy.slice(0, 1).map((reason) => (
          <Text key={reason} size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            <Reason reason={reason} titles={titles} />
          </Text>
        ))}
        {alert.incident !== null && (
          <Anchor size="sm" href={`#incidents/${alert.incident}`}>
            {t('alerts.incident', { incident: alert.incident })}
          </Anchor>
        )}
        <RunbookLink runbook={alert.runbook} />
        <History id={alert.id} />
        {onSilence !== undefined && alert.resolvedAt === null && alert.suppressedBy.length === 0 && (
          <Button variant="default" mt="xs" mih={44} maw={240} onClick={() => onSilence(alert)}>
            {t('silence.this')}
          </Button>
        )}
        {mayEnd && alert.endsByHand && <EndByHand id={alert.id} />}
        {explained.length > 0 && (
          <details data-testid="explained">
            <summary>{t('alerts.children', { count: explained.length })}</summary>
            <Stack gap="xs" mt="xs">
              {explained.map((child) => (
                <AlertCard key={child.id} {...{ alert: child, titles, mayEnd, onSilence, childrenOf }} />
              ))}
            </Stack>
          </details>
        )}
      </Stack>
    </Card>
  );
}

/** Value and limit with their unit; what is only so or not so has none worth showing. */
function Measured({ alert: { value, threshold, unit } }: { alert: AlertAnswer }) {
  const { t, i18n } = useTranslation();
  if (value === null || unit === '') return null;
  const show = (one: number) => `${number(one, i18n.language, Number.isInteger(one) ? 0 : 1)} ${unit}`;
  return <Text size="sm">{t('alerts.value', { value: show(value), limit: show(threshold) })}</Text>;
}

function Reason({ reason, titles }: { reason: string; titles: ReadonlyMap<string, string> }) {
  const { t } = useTranslation();
  const [kind, slug = '', ...place] = reason.split(':');
  if (kind === 'silence' || kind === 'maintenance' || kind === 'quiet')
    return <>{t(`alerts.held-${kind}`)}</>;
  if (kind !== 'inhibition') return <>{t('alerts.held', { reason })}</>;
  return <>{t('alerts.inhibited', { rule: titles.get(slug) ?? slug, place: place.join(':') })}</>;
}

/** Asked for when somebody opens it. */
function History({ id }: { id: string }) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  const alert = useQuery({ queryKey: ['alert', id], queryFn: () => fetchAlert(id), enabled: open });
  return (
    <details data-testid="history" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t('alerts.history')}</summary>
      {alert.isError && <LoadFailed error={alert.error} retry={() => void alert.refetch()} />}
      <List size="sm" mt={4}>
        {(alert.data?.events ?? []).map(({ seq, at, kind }) => (
          <List.Item key={seq}>
            {dateTimeWithZone(at, i18n.language)}: {t(`alerts.event-${kind}`)}
          </List.Item>
        ))}
      </List>
    </details>
  );
}

function EndByHand({ id }: { id: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const end = useMutation({
    mutationFn: () => resolveAlert(id, reason),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['alerts'] }),
  });
  return (
    <Stack gap="xs" mt="xs">
      <Problem error={end.error} />
      <Group align="end">
        <TextInput
          label={t('alerts.reason')}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <Button
          variant="default"
          mih={44}
          disabled={reason.trim().length < LEAST_REASON}
          loading={end.isPending}
          onClick={() => end.mutate()}
        >
          {t('alerts.end')}
        </Button>
      </Group>
    </Stack>
  );
}
