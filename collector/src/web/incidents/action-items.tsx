import { Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ActionItem, Review } from '../../schema/reviews.js';
import { dateTimeWithZone } from '../format.js';
import { Problem } from '../problem.js';
import { moveReview } from './incidents-api.js';

interface ItemsProps {
  readonly review: Review;
  readonly mayAct: boolean;
  readonly me: string;
}

/** What people promised, until somebody else saw that it works. */
export function ActionItems({ review, mayAct, me }: ItemsProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: ({ id, step }: { id: string; step: 'done' | 'verify' }) =>
      moveReview(review.incident, `actions/${id}/${step}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['incidents', review.incident] }),
  });
  return (
    <Stack gap="sm">
      <Title order={4} size="h6">
        {t('review.actions')}
      </Title>
      {review.actions.map((item) => (
        <Item
          key={item.id}
          item={item}
          step={mayAct ? stepOf(item, me) : null}
          onMove={(step) => move.mutate({ id: item.id, step })}
        />
      ))}
      <Problem error={move.error} />
      {mayAct && <NewItem incident={review.incident} me={me} />}
    </Stack>
  );
}

/** What somebody may do with an item. */
function stepOf({ doneBy, verifiedBy, owner }: ActionItem, me: string): 'done' | 'verify' | null {
  if (doneBy === null) return 'done';
  return verifiedBy !== null || doneBy === me || owner === me ? null : 'verify';
}

interface ItemProps {
  readonly item: ActionItem;
  readonly step: 'done' | 'verify' | null;
  readonly onMove: (step: 'done' | 'verify') => void;
}

function Item({ item, step, onMove }: ItemProps) {
  const { t, i18n } = useTranslation();
  const { text, owner, dueAt, doneBy, verifiedBy } = item;
  const state = verifiedBy !== null ? 'verified' : doneBy !== null ? 'done' : 'todo';
  return (
    <Card withBorder data-testid="action-item" data-state={state}>
      <Text style={{ overflowWrap: 'anywhere' }}>{text}</Text>
      <Text size="sm" c="dimmed">
        {t('review.item', { name: owner, time: dateTimeWithZone(dueAt, i18n.language) })} ·{' '}
        {t(`review.item-${state}`, { name: verifiedBy ?? doneBy ?? '' })}
      </Text>
      {step !== null && (
        <Group mt="xs">
          <Button variant="default" mih={44} onClick={() => onMove(step)}>
            {t(`review.item-${step}-it`)}
          </Button>
        </Group>
      )}
    </Card>
  );
}

function NewItem({ incident, me }: { incident: string; me: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [owner, setOwner] = useState(me);
  const [due, setDue] = useState('');
  const add = useMutation({
    // The end of that day for whoever writes it.
    mutationFn: () =>
      moveReview(incident, 'actions', { text, owner, dueAt: new Date(`${due}T23:59`).getTime() }),
    onSuccess: () => setText(''),
    onSettled: () => queries.invalidateQueries({ queryKey: ['incidents', incident] }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Group align="flex-end" gap="sm">
        <TextInput
          label={t('review.item-text')}
          required
          maxLength={500}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <TextInput
          label={t('review.item-owner')}
          required
          value={owner}
          onChange={(event) => setOwner(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label={t('review.item-due')}
          required
          value={due}
          onChange={(event) => setDue(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" mih={44} loading={add.isPending}>
          {t('review.item-add')}
        </Button>
      </Group>
      <Problem error={add.error} />
    </form>
  );
}
