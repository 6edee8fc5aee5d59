import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MaintenanceSeries, MaintenanceWindow } from '../../schema/maintenance.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { endSeries, fetchSeries } from './maintenance-api.js';
import { NewWindowForm } from './new-window.js';
import { repeatOf } from './repeat.js';
import { Change, WindowCard } from './window-card.js';

const MINUTE_MS = 60_000;
/** Windows of a series that are shown; those behind them have time. */
const MOST_SHOWN = 10;

interface SeriesListProps {
  /** Windows that have not begun. */
  readonly planned: readonly MaintenanceWindow[];
  readonly me: string;
  /** Undefined where nothing can be changed. */
  readonly onChanged?: (() => void) | undefined;
}

/** Windows that come again. */
export function SeriesList({ planned, me, onChanged }: SeriesListProps) {
  const { t } = useTranslation();
  const list = useQuery({ queryKey: ['maintenance', 'series'], queryFn: fetchSeries });
  if (list.isError) return <LoadFailed error={list.error} retry={() => void list.refetch()} />;
  if ((list.data ?? []).length === 0) return null;
  return (
    <Stack gap="sm" component="section" aria-label={t('maintenance.series')}>
      <Title order={3} size="h5">
        {t('maintenance.series')}
      </Title>
      {(list.data ?? []).map((series) => (
        <SeriesCard
          key={series.id}
          {...{ series, me, onChanged }}
          windows={planned.filter((window) => window.series === series.id)}
        />
      ))}
    </Stack>
  );
}

interface SeriesCardProps {
  readonly series: MaintenanceSeries;
  readonly windows: readonly MaintenanceWindow[];
  readonly me: string;
  readonly onChanged: (() => void) | undefined;
}

function SeriesCard({ series, windows, me, onChanged }: SeriesCardProps) {
  const { t, i18n } = useTranslation();
  const [changing, setChanging] = useState(false);
  const { scope, site, gateway, camera, rule, start, timeZone, next } = series;
  const { repeat, until } = repeatOf(rule, start);
  const when = repeat === 'other' ? rule : t(`maintenance.repeat-${repeat}`);
  const minutes = Math.round(series.durationMs / MINUTE_MS);
  return (
    <Card withBorder data-testid="series">
      <Text fw={600}>{t(`maintenance.${scope}`, { site, gateway, camera })}</Text>
      <Text size="sm">
        {t('maintenance.comes', { when, from: start.replace('T', ' '), zone: timeZone, minutes })}
        {until !== '' && ` ${t('maintenance.lastDay', { day: until })}`}
      </Text>
      <Text size="sm">{series.reason}</Text>
      {series.effect === 'page' && <Text size="sm">{t('maintenance.effect-page')}</Text>}
      <Text size="sm">
        {next === null
          ? t('maintenance.noNext')
          : t('maintenance.next', { time: dateTimeWithZone(next, i18n.language, timeZone) })}
      </Text>
      <Text size="xs" c="dimmed">
        {t('maintenance.by', {
          name: series.author,
          time: dateTimeWithZone(series.createdAt, i18n.language, timeZone),
        })}
      </Text>
      <details>
        <summary>{t('maintenance.planned-windows', { count: windows.length })}</summary>
        <Stack gap="xs" mt="xs">
          {[...windows]
            .reverse()
            .slice(0, MOST_SHOWN)
            .map((window) => (
              <WindowCard key={window.id} {...{ window, me, onChanged }} state="planned" />
            ))}
        </Stack>
      </details>
      {onChanged !== undefined && (
        <Group gap="sm" mt="sm">
          <Button variant="default" mih={44} aria-expanded={changing} onClick={() => setChanging(!changing)}>
            {t('maintenance.change')}
          </Button>
          <Change label="maintenance.endSeries" act={() => endSeries(series.id)} onChanged={onChanged} />
        </Group>
      )}
      {changing && onChanged !== undefined && (
        <NewWindowForm
          series={series}
          onAdded={() => {
            setChanging(false);
            onChanged();
          }}
        />
      )}
    </Card>
  );
}
