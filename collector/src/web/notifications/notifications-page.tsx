import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { NotificationState } from '../../schema/notification-words.js';
import type { Notification } from '../../schema/notifications.js';
import { StateBadge } from '../fleet/state-badge.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { fetchNotifications } from './api.js';
import { SendTest } from './send-test.js';

/** Messages move within seconds (ms). */
const REFRESH_MS = 3000;
const LOOKS: Readonly<Record<NotificationState, 'good' | 'waiting' | 'bad' | 'neutral'>> = {
  queued: 'waiting',
  sending: 'waiting',
  sent: 'good',
  delivered: 'good',
  failed: 'bad',
  unknown: 'bad',
  cancelled: 'neutral',
  superseded: 'neutral',
};

/** Whom the collector told what, and what came of it. */
export function NotificationsPage({ mayTestAny }: { mayTestAny: boolean }) {
  const { t } = useTranslation();
  const list = useInfiniteQuery({
    queryKey: ['notifications'],
    queryFn: ({ pageParam }) => fetchNotifications(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: REFRESH_MS,
  });
  if (list.isError) return <LoadFailed error={list.error} retry={() => void list.refetch()} />;
  const all = (list.data?.pages ?? []).flatMap((page) => page.notifications);
  return (
    <Stack gap="lg" data-testid="notifications">
      <Title order={2} size="h4">
        {t('notifications.title')}
      </Title>
      <SendTest mayTestAny={mayTestAny} onSent={() => void list.refetch()} />
      {list.isSuccess && all.length === 0 && <Text c="dimmed">{t('notifications.none')}</Text>}
      {all.map((notification) => (
        <NotificationCard key={notification.id} notification={notification} />
      ))}
      {list.hasNextPage && (
        <Button
          variant="default"
          mih={44}
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('notifications.more')}
        </Button>
      )}
    </Stack>
  );
}

function NotificationCard({ notification }: { notification: Notification }) {
  const { t, i18n } = useTranslation();
  const time = (at: number) => dateTimeWithZone(at, i18n.language);
  const { title, incident, kind, severity, channel, address, state, duplicate, createdAt } = notification;
  const { nextAt, error, ackedAt, ackedBy } = notification;
  return (
    <Card withBorder component="article" aria-label={title[i18n.language === 'vi' ? 'vi' : 'en']}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Text fw={600}>{title[i18n.language === 'vi' ? 'vi' : 'en']}</Text>
          <Text size="sm">
            {[
              t(`notificationKind.${kind}`),
              t(`severity.${severity}`),
              ...(incident === null ? [] : [incident]),
            ].join(' · ')}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {t(`channel.${channel}`)}: {address}
          </Text>
          <Text size="xs" c="dimmed">
            {t('notifications.queued', { time: time(createdAt) })}
          </Text>
        </div>
        <StateBadge look={LOOKS[state]}>{t(`notificationState.${state}`)}</StateBadge>
      </Group>
      {ackedAt !== null && (
        <Text size="sm">{t('notifications.acked', { name: ackedBy, time: time(ackedAt) })}</Text>
      )}
      {duplicate && <Text size="sm">{t('notifications.duplicate')}</Text>}
      {error !== null && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {error}
        </Text>
      )}
      {state === 'queued' && nextAt !== null && (
        <Text size="sm">{t('notifications.next', { time: time(nextAt) })}</Text>
      )}
      <Attempts attempts={notification.attempts} />
    </Card>
  );
}

function Attempts({ attempts }: { attempts: Notification['attempts'] }) {
  const { t, i18n } = useTranslation();
  if (attempts.length === 0) return null;
  return (
    <details>
      <summary>{t('notifications.attempts', { number: attempts.length })}</summary>
      <ol>
        {attempts.map(({ n, startedAt, endedAt, outcome, error }) => (
          <li key={n}>
            <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
              {t('notifications.attempt', {
                time: dateTimeWithZone(startedAt, i18n.language),
                result: t(`attemptOutcome.${outcome}`),
                ms: endedAt - startedAt,
              })}
              {error !== null && `: ${error}`}
            </Text>
          </li>
        ))}
      </ol>
    </details>
  );
}
