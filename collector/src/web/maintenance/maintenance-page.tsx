import { Button, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { fetchMaintenance } from '../api.js';
import { LoadFailed } from '../load-failed.js';
import { useOpenWindows } from './in-maintenance.js';
import { NewWindowForm } from './new-window.js';
import { SeriesList } from './series-list.js';
import { WindowCard } from './window-card.js';

/** Windows in which people work on something: those to come, those that run, and those that have ended. */
export function MaintenancePage({ mayChange, me }: { mayChange: boolean; me: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const open = useOpenWindows();
  const changed = () => {
    void queries.invalidateQueries({ queryKey: ['maintenance'] });
    void queries.invalidateQueries({ queryKey: ['availability'] });
  };
  const onChanged = mayChange ? changed : undefined;
  const windows = open.data?.windows ?? [];
  const hasBegun = ({ start }: { start: number }) => start <= open.dataUpdatedAt;
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
      {windows
        .filter((window) => window.series === null || hasBegun(window))
        .map((window) => (
          <WindowCard
            key={window.id}
            {...{ window, me, onChanged }}
            state={hasBegun(window) ? 'running' : 'planned'}
          />
        ))}
      <SeriesList planned={windows.filter((window) => !hasBegun(window))} {...{ me, onChanged }} />
      <Past me={me} />
    </Stack>
  );
}

function Past({ me }: { me: string }) {
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
        <WindowCard
          key={window.id}
          {...{ window, me }}
          state={window.cancelledAt === null ? 'ended' : 'cancelled'}
        />
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
