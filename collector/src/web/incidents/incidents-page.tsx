import {
  Button,
  Card,
  Group,
  NativeSelect,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isOpen, SEVERITIES, type Severity } from '../../schema/incident-words.js';
import type { Incident } from '../../schema/incidents.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { usePlace } from '../navigation.js';
import { Countdown } from './countdown.js';
import { IncidentBadges } from './incident-badges.js';
import { IncidentView } from './incident-view.js';
import { fetchIncidents, type IncidentFilter } from './incidents-api.js';
import { Lessons } from './lessons.js';
import { NewIncident } from './new-incident.js';
import { Report } from './report.js';
import { useNow } from './use-now.js';
import { inLanguage } from './words.js';

/** What people must act on: the list, or the one that the address names. */
export function IncidentsPage({ mayAct, me }: { mayAct: boolean; me: string }) {
  const place = usePlace();
  return place === '' ? (
    <IncidentsList mayAct={mayAct} />
  ) : (
    <IncidentView key={place} id={place} mayAct={mayAct} me={me} />
  );
}

function IncidentsList({ mayAct }: { mayAct: boolean }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<IncidentFilter>({ status: 'all', severity: '' });
  const incidents = useInfiniteQuery({
    queryKey: ['incidents', 'list', filter],
    queryFn: ({ pageParam }) => fetchIncidents(filter, pageParam),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
    refetchInterval: 10_000,
  });
  const now = useNow((incidents.data?.pages[0]?.now ?? incidents.dataUpdatedAt) - incidents.dataUpdatedAt);
  const all = incidents.data?.pages.flatMap((page) => page.incidents) ?? [];
  return (
    <Stack gap="lg" data-testid="incidents">
      <Title order={2} size="h4">
        {t('page.incidents')}
      </Title>
      {mayAct && <NewIncident />}
      <Filter filter={filter} onChange={setFilter} />
      {incidents.isError && <LoadFailed error={incidents.error} retry={() => void incidents.refetch()} />}
      {incidents.isPending && <Skeleton h={120} />}
      {incidents.isSuccess && all.length === 0 && <Text>{t('incident.none')}</Text>}
      <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {all.map((incident) => (
          <li key={incident.id}>
            <IncidentCard incident={incident} now={now} />
          </li>
        ))}
      </Stack>
      {incidents.hasNextPage && (
        <Button variant="default" mih={44} onClick={() => void incidents.fetchNextPage()}>
          {t('incident.more')}
        </Button>
      )}
      <Report />
      <Lessons />
    </Stack>
  );
}

function Filter({
  filter,
  onChange,
}: {
  filter: IncidentFilter;
  onChange: (filter: IncidentFilter) => void;
}) {
  const { t } = useTranslation();
  const states = (['all', 'open', 'resolved'] as const).map((value) => ({
    value,
    label: t(`incident.filter-${value}`),
  }));
  return (
    <Group gap="sm">
      <SegmentedControl
        aria-label={t('incident.filter')}
        data={states}
        value={filter.status}
        onChange={(status) => onChange({ ...filter, status: status })}
      />
      <NativeSelect
        aria-label={t('incident.severity')}
        data={[
          { value: '', label: t('incident.every-severity') },
          ...SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) })),
        ]}
        value={filter.severity}
        onChange={(event) => onChange({ ...filter, severity: event.currentTarget.value as Severity | '' })}
      />
    </Group>
  );
}

function IncidentCard({ incident, now }: { incident: Incident; now: number }) {
  const { t, i18n } = useTranslation();
  const { id, title, severity, status, asset, startedAt, timeZone, holder, target } = incident;
  return (
    <Card
      withBorder
      component="a"
      href={`#incidents/${id}`}
      data-testid="incident"
      data-status={status}
      style={{ textDecoration: 'none', color: 'inherit' }}
    >
      <Stack gap={4}>
        <Group gap="sm" justify="space-between">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {id} · {inLanguage(title, i18n.language)}
          </Text>
          <IncidentBadges severity={severity} status={status} />
        </Group>
        <Countdown target={target} now={now} size="sm" />
        {asset !== null && (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {t('incident.at', { place: `${asset.name} (${asset.path})` })}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {t('incident.opened', { time: dateTimeWithZone(startedAt, i18n.language, timeZone) })}
          {holder !== null && isOpen(status) && ` · ${t('incident.held', { name: holder })}`}
        </Text>
      </Stack>
    </Card>
  );
}
