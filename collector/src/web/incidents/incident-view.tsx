import { Alert, Anchor, Card, List, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { isOpen } from '../../schema/incident-words.js';
import type { IncidentDetail } from '../../schema/incidents.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Checklist } from './checklist.js';
import { Countdown } from './countdown.js';
import { IncidentActions } from './incident-actions.js';
import { IncidentBadges } from './incident-badges.js';
import { fetchIncident } from './incidents-api.js';
import { ReviewSection } from './review-section.js';
import { Timeline } from './timeline.js';
import { useNow } from './use-now.js';
import { inLanguage, span } from './words.js';

/** One incident: what it is, what to do next, and what has happened. */
export function IncidentView({ id, mayAct, me }: { id: string; mayAct: boolean; me: string }) {
  const { t, i18n } = useTranslation();
  const incident = useQuery({
    queryKey: ['incidents', id],
    queryFn: () => fetchIncident(id),
    refetchInterval: 10_000,
  });
  const { data } = incident;
  const now = useNow((data?.now ?? incident.dataUpdatedAt) - incident.dataUpdatedAt);
  return (
    <Stack gap="md" data-testid="incident-view" data-status={data?.status}>
      <Anchor href="#incidents">← {t('incident.all')}</Anchor>
      {incident.isError && <LoadFailed error={incident.error} retry={() => void incident.refetch()} />}
      {incident.isPending && <Skeleton h={220} />}
      {data !== undefined && (
        <>
          <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
            {id} · {inLanguage(data.title, i18n.language)}
          </Title>
          <IncidentBadges severity={data.severity} status={data.status} />
          <Countdown target={data.target} now={now} size="lg" />
          {mayAct && <IncidentActions incident={data} />}
          {!data.timelineWhole && (
            <Alert color="red" role="alert">
              {t('incident.tampered')}
            </Alert>
          )}
          <Facts incident={data} now={now} />
          <Checklist incident={data} mayAct={mayAct} />
          <Alerts incident={data} />
          <Timeline incident={data} />
          {data.review !== null && <ReviewSection incident={data} mayAct={mayAct} me={me} />}
        </>
      )}
    </Stack>
  );
}

function Facts({ incident, now }: { incident: IncidentDetail; now: number }) {
  const { t, i18n } = useTranslation();
  const {
    timeZone,
    asset,
    holder,
    since,
    startedAt,
    status,
    leaseUntil,
    updateDueAt,
    autoResolveAt,
    impact,
    resolveReason,
  } = incident;
  const time = (at: number) => dateTimeWithZone(at, i18n.language, timeZone);
  const lines = [
    t('incident.opened', { time: time(startedAt) }),
    since < startedAt ? t('incident.since', { time: time(since), span: span(startedAt - since, t) }) : '',
    asset === null ? '' : t('incident.at', { place: `${asset.name} (${asset.path})` }),
    holder === null || leaseUntil === null
      ? ''
      : t('incident.lease', { name: holder, time: span(Math.max(0, leaseUntil - now), t) }),
    updateDueAt === null
      ? ''
      : t(updateDueAt < now ? 'incident.update-late' : 'incident.update-left', {
          time: span(Math.abs(updateDueAt - now), t),
        }),
    autoResolveAt === null
      ? ''
      : t('incident.auto-resolve', { time: span(Math.max(0, autoResolveAt - now), t) }),
    resolveReason === null ? '' : t('incident.resolved', { reason: resolveReason }),
    impact === null || impact.cameras === 0
      ? ''
      : t(isOpen(status) ? 'incident.impact-cameras' : 'incident.impact-cameras-were', {
          dark: impact.camerasDark,
          cameras: impact.cameras,
        }),
    impact === null
      ? ''
      : t('incident.impact-counts', { counts: impact.missingCounts, minutes: impact.unobservedMinutes }),
  ].filter((line) => line !== '');
  return (
    <Card withBorder component="section" aria-label={t('incident.facts')}>
      <Stack gap={4}>
        {lines.map((line) => (
          <Text key={line} size="sm" style={{ overflowWrap: 'anywhere' }}>
            {line}
          </Text>
        ))}
        <Related incident={incident} />
      </Stack>
    </Card>
  );
}

function Related({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const { mergedInto, reopenOf, children } = incident;
  const links = [
    ...(mergedInto === null ? [] : [{ id: mergedInto, how: 'merged-into' }]),
    ...(reopenOf === null ? [] : [{ id: reopenOf, how: 'reopen-of' }]),
    ...children.map((id) => ({ id, how: 'child' })),
  ];
  return links.map(({ id, how }) => (
    <Anchor key={id} size="sm" href={`#incidents/${id}`}>
      {t(`incident.${how}`, { incident: id })}
    </Anchor>
  ));
}

function Alerts({ incident }: { incident: IncidentDetail }) {
  const { t, i18n } = useTranslation();
  if (incident.alerts.length === 0) return null;
  return (
    <Stack component="section" gap={4} aria-label={t('incident.alerts')}>
      <Title order={3} size="h5">
        {t('incident.alerts')}
      </Title>
      {incident.alerts.map(({ id, title, severity, firedAt, resolvedAt, explains }) => (
        <div key={id}>
          <Text size="sm">
            {t(`severity.${severity}`)} · {inLanguage(title, i18n.language)} ·{' '}
            {t(resolvedAt === null ? 'incident.firing' : 'incident.calm', {
              time: dateTimeWithZone(resolvedAt ?? firedAt, i18n.language, incident.timeZone),
            })}
          </Text>
          {explains.length > 0 && <Explained alerts={explains} />}
        </div>
      ))}
    </Stack>
  );
}

/** Alerts that nobody is told of, because another one says it all. */
function Explained({ alerts }: { alerts: IncidentDetail['alerts'][number]['explains'] }) {
  const { t, i18n } = useTranslation();
  return (
    <details data-testid="explained">
      <summary>{t('alerts.children', { count: alerts.length })}</summary>
      <List size="sm" mt={4}>
        {alerts.map(({ title, asset }) => (
          <List.Item key={`${title.en} ${asset}`} style={{ overflowWrap: 'anywhere' }}>
            {inLanguage(title, i18n.language)} · {asset}
          </List.Item>
        ))}
      </List>
    </details>
  );
}
