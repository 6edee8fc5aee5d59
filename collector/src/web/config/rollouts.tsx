import { Badge, Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ROLLOUT_GATEWAY_STATES } from '../../schema/rollout-words.js';
import type { Rollout } from '../../schema/rollouts.js';
import { endRollout, fetchRollouts } from '../api.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';

const REFRESH_MS = 5000;
/** What is over needs no look. */
const COLORS: Readonly<Record<Rollout['state'], string>> = {
  ...{ canary: 'blue.9', soak: 'blue.9', rest: 'blue.9', done: 'teal.9', halted: 'red.9' },
  ...{ cancelled: 'gray.7', 'rolled-back': 'orange.9' },
};
const GOES_ON: ReadonlySet<Rollout['state']> = new Set(['canary', 'soak', 'rest', 'halted']);

/** The last roll-outs, the newest first. */
export function Rollouts({ mayChange }: { mayChange: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const rollouts = useQuery({ queryKey: ['rollouts'], queryFn: fetchRollouts, refetchInterval: REFRESH_MS });
  const end = useMutation({
    mutationFn: ({ id, how }: { id: string; how: 'cancel' | 'rollback' }) => endRollout(id, how),
    onSettled: () => {
      void rollouts.refetch();
      // Put back, every gateway has another version.
      void queries.invalidateQueries({ queryKey: ['versions'] });
    },
  });
  if (rollouts.isError) return <LoadFailed error={rollouts.error} retry={() => void rollouts.refetch()} />;
  if (rollouts.data === undefined) return <Skeleton h={90} />;
  return (
    <Stack component="section" aria-label={t('config.rollouts')} gap="sm">
      <Title order={3} size="h5">
        {t('config.rollouts')}
      </Title>
      <Problem error={end.error} />
      {rollouts.data.length === 0 && <Text c="dimmed">{t('config.noRollouts')}</Text>}
      {rollouts.data.map((rollout) => (
        <RolloutCard
          key={rollout.id}
          rollout={rollout}
          onEnd={mayChange ? (how) => end.mutate({ id: rollout.id, how }) : undefined}
        />
      ))}
    </Stack>
  );
}

interface CardProps {
  readonly rollout: Rollout;
  readonly onEnd: ((how: 'cancel' | 'rollback') => void) | undefined;
}

function RolloutCard({ rollout, onEnd }: CardProps) {
  const { t, i18n } = useTranslation();
  const { title, state, reason, author, at, restAt, gateways } = rollout;
  const counts = ROLLOUT_GATEWAY_STATES.map((one) => ({
    one,
    count: gateways.filter((gateway) => gateway.state === one).length,
  })).filter(({ count }) => count > 0);
  const sent = gateways.some(({ version }) => version !== null);
  return (
    <Card withBorder data-testid="rollout" data-state={state}>
      <Stack gap={4}>
        <Group gap="sm">
          <Text fw={600}>{title}</Text>
          <Badge color={COLORS[state]} variant="filled">
            {t(`rollout.${state}`)}
          </Badge>
        </Group>
        <Text size="xs" c="dimmed">
          {t('config.by', { name: author, time: dateTimeWithZone(at, i18n.language) })}
        </Text>
        <Text size="sm">
          {counts.map(({ one, count }) => t(`rolloutGateway.${one}`, { gateways: count })).join(' · ')}
        </Text>
        {restAt !== null && (
          <Text size="sm">{t('config.restAt', { time: dateTimeWithZone(restAt, i18n.language) })}</Text>
        )}
        {reason !== '' && (
          <Text size="sm" c="red.9" style={{ overflowWrap: 'anywhere' }}>
            {reason}
          </Text>
        )}
        {onEnd !== undefined && (
          <Group mt="xs">
            {GOES_ON.has(state) && (
              <Button variant="default" mih={44} onClick={() => onEnd('cancel')}>
                {t('config.cancel')}
              </Button>
            )}
            {sent && state !== 'rolled-back' && (
              <Button variant="default" mih={44} onClick={() => onEnd('rollback')}>
                {t('config.rollBack')}
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </Card>
  );
}
