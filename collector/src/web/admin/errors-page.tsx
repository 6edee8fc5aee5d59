import { Button, Card, Code, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ErrorGroup, ErrorGroupState } from '../../schema/errors.js';
import { changeError, fetchError, fetchErrors } from '../api.js';
import { dateTimeWithZone, number } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';

const STATES = ['open', 'resolved', 'ignored'] as const;

/** What went wrong in the collector, by where it comes from. */
export function ErrorsPage({ mayChange }: { mayChange: boolean }) {
  const { t } = useTranslation();
  const [state, setState] = useState<ErrorGroupState>('open');
  const errors = useInfiniteQuery({
    queryKey: ['errors', state],
    queryFn: ({ pageParam }) => fetchErrors(state, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  if (errors.isError) return <LoadFailed error={errors.error} retry={() => void errors.refetch()} />;
  const groups = (errors.data?.pages ?? []).flatMap((page) => page.groups);
  return (
    <Stack gap="lg" data-testid="errors">
      <Title order={2} size="h4">
        {t('errors.title')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('errors.hint')}
      </Text>
      <SegmentedControl
        maw={360}
        aria-label={t('errors.show')}
        value={state}
        onChange={(value) => setState(value)}
        data={STATES.map((value) => ({ value, label: t(`errors.${value}`) }))}
      />
      {errors.isSuccess && groups.length === 0 && <Text>{t('errors.none')}</Text>}
      {groups.map((group) => (
        <ErrorCard
          key={group.fingerprint}
          group={group}
          onChanged={mayChange ? () => void errors.refetch() : undefined}
        />
      ))}
      {errors.hasNextPage && (
        <Button
          variant="default"
          mih={44}
          loading={errors.isFetchingNextPage}
          onClick={() => void errors.fetchNextPage()}
        >
          {t('errors.more')}
        </Button>
      )}
    </Stack>
  );
}

function ErrorCard({
  group,
  onChanged,
}: {
  group: ErrorGroup;
  /** Undefined where nothing can be changed. */
  onChanged: (() => void) | undefined;
}) {
  const { t, i18n } = useTranslation();
  const [shown, setShown] = useState(false);
  const { type, message, state, count, firstAt, lastAt, firstVersion, lastVersion } = group;
  const time = (at: number) => dateTimeWithZone(at, i18n.language);
  return (
    <Card withBorder data-testid="error-group" data-state={state}>
      <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
        {message}
      </Text>
      <Text size="xs" c="dimmed">
        {type}
      </Text>
      <Text size="sm">{t('errors.count', { times: number(count, i18n.language), time: time(lastAt) })}</Text>
      <Text size="sm">
        {t('errors.first', { time: time(firstAt), version: firstVersion, last: lastVersion })}
      </Text>
      {group.regressedAt !== null && (
        <Text size="sm" fw={600}>
          {t('errors.regressed', { time: time(group.regressedAt) })}
        </Text>
      )}
      {group.stateBy !== null && group.stateAt !== null && (
        <Text size="xs" c="dimmed">
          {t('errors.by', { name: group.stateBy, time: time(group.stateAt) })}
        </Text>
      )}
      {shown && <Example fingerprint={group.fingerprint} />}
      <Group mt="sm" gap="xs">
        <Button variant="default" mih={44} aria-expanded={shown} onClick={() => setShown(!shown)}>
          {t('errors.example')}
        </Button>
        {onChanged !== undefined && <Changes group={group} onChanged={onChanged} />}
      </Group>
    </Card>
  );
}

function Changes({ group, onChanged }: { group: ErrorGroup; onChanged: () => void }) {
  const { t } = useTranslation();
  const change = useMutation({
    mutationFn: (verb: 'resolve' | 'ignore' | 'reopen') => changeError(group.fingerprint, verb),
    onSuccess: onChanged,
  });
  const verbs = group.state === 'open' ? (['resolve', 'ignore'] as const) : (['reopen'] as const);
  return (
    <>
      {verbs.map((verb) => (
        <Button
          key={verb}
          variant="default"
          mih={44}
          loading={change.isPending}
          onClick={() => change.mutate(verb)}
        >
          {t(`errors.${verb}`)}
        </Button>
      ))}
      <Problem error={change.error} />
    </>
  );
}

function Example({ fingerprint }: { fingerprint: string }) {
  const { t, i18n } = useTranslation();
  const error = useQuery({ queryKey: ['error', fingerprint], queryFn: () => fetchError(fingerprint) });
  if (error.isError) return <LoadFailed error={error.error} retry={() => void error.refetch()} />;
  if (error.data === undefined) return null;
  const { at, message, stack, requestId } = error.data.example;
  return (
    <Stack gap="xs" mt="sm" data-testid="error-example">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {dateTimeWithZone(at, i18n.language)}: {message}
      </Text>
      {requestId !== null && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {t('errors.request', { id: requestId })}
        </Text>
      )}
      {stack !== '' && (
        // It can be scrolled with the keyboard.
        <Code block tabIndex={0} style={{ overflowX: 'auto' }}>
          {stack}
        </Code>
      )}
    </Stack>
  );
}
