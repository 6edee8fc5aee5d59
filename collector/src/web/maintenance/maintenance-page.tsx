import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MaintenanceWindow } from '../../schema/maintenance.js';
import { endMaintenance, fetchMaintenance, removeMaintenance } from '../api.js';
import { StateBadge } from '../fleet/state-badge.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';
import { useOpenWindows } from './in-maintenance.js';
import { NewWindowForm } from './new-window.js';

/** Windows in which people work on something: those to come, those that run, and those that have ended. */
export function MaintenancePage({ mayChange }: { mayChange: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const open = useOpenWindows();
  const changed = () => {
    void queries.invalidateQueries({ queryKey: ['maintenance'] });
    void queries.invalidateQueries({ queryKey: ['availability'] });
  };
  if (open.isError) return <LoadFailed error={open.error} retry={() => void open.refetch()} />;
  return (
    <Stack gap="lg" data-testid="maintenance">
      <Title order={2} size="h4">
        {t('maintenance.title')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('maintenance.hint')}
      </Text>
      {mayChange && <NewWindowForm onAdded={changed} />}
      {open.data?.windows.length === 0 && <Text>{t('maintenance.none')}</Text>}
      {(open.data?.windows ?? []).map((window) => (
        <WindowCard
          key={window.id}
          window={window}
          state={window.start <= open.dataUpdatedAt ? 'running' : 'planned'}
          onChanged={mayChange ? changed : undefined}
        />
      ))}
      <Past />
    </Stack>
  );
}

function Past() {
  const { t } = useTranslation();
  const past = useInfiniteQuery({
    queryKey: ['maintenance', 'past'],
    queryFn: ({ pageParam }) => fetchMaintenance(false, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  if (past.isError) return <LoadFailed error={past.error} retry={() => void past.refetch()} />;
  const windows = (past.data?.pages ?? []).flatMap((page) => page.windows);
  return (
    <Stack gap="sm" component="section" aria-label={t('maintenance.past')}>
      <Title order={3} size="h5">
        {t('maintenance.past')}
      </Title>
      {past.isSuccess && windows.length === 0 && <Text c="dimmed">{t('maintenance.noPast')}</Text>}
      {windows.map((window) => (
        <WindowCard key={window.id} window={window} state="ended" />
      ))}
      {past.hasNextPage && (
        <Button
          variant="default"
          mih={44}
          loading={past.isFetchingNextPage}
          onClick={() => void past.fetchNextPage()}
        >
          {t('maintenance.more')}
        </Button>
      )}
    </Stack>
  );
}

const LOOK = { planned: 'neutral', running: 'waiting', ended: 'neutral' } as const;

function WindowCard({
  window,
  state,
  onChanged,
}: {
  window: MaintenanceWindow;
  state: keyof typeof LOOK;
  /** Undefined where nothing can be changed. */
  onChanged?: (() => void) | undefined;
}) {
  const { t, i18n } = useTranslation();
  const { scope, site, gateway, camera, timeZone, start, end, endedEarlyAt, kind, reason } = window;
  const time = (at: number) => dateTimeWithZone(at, i18n.language, timeZone);
  return (
    <Card withBorder data-testid="window" data-state={state}>
      <Group justify="space-between" align="flex-start">
        <Text fw={600}>{t(`maintenance.${scope}`, { site, gateway, camera })}</Text>
        <StateBadge look={LOOK[state]}>{t(`maintenance.${state}`)}</StateBadge>
      </Group>
      <Text size="sm">{t('maintenance.times', { start: time(start), end: time(end) })}</Text>
      {endedEarlyAt !== null && (
        <Text size="sm">{t('maintenance.endedEarly', { time: time(endedEarlyAt) })}</Text>
      )}
      <Text size="sm">
        {kind === 'emergency' && `${t('maintenance.urgent')}: `}
        {reason}
      </Text>
      <Text size="xs" c="dimmed">
        {t('maintenance.by', { name: window.author, time: time(window.createdAt) })}
      </Text>
      {onChanged !== undefined && (
        <Change id={window.id} running={state === 'running'} onChanged={onChanged} />
      )}
    </Card>
  );
}

function Change({ id, running, onChanged }: { id: string; running: boolean; onChanged: () => void }) {
  const { t } = useTranslation();
  const change = useMutation({
    mutationFn: () => (running ? endMaintenance(id) : removeMaintenance(id)),
    onSuccess: onChanged,
  });
  return (
    <>
      <Problem error={change.error} />
      <Button
        variant="default"
        mt="sm"
        maw={240}
        mih={44}
        loading={change.isPending}
        onClick={() => change.mutate()}
      >
        {t(running ? 'maintenance.endNow' : 'maintenance.remove')}
      </Button>
    </>
  );
}
