import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentDetail } from '../../schema/incidents.js';
import { Problem } from '../problem.js';
import { ActionForm, type ActionName } from './action-form.js';
import { actOn, moveReview } from './incidents-api.js';

/** What a person can do now; the big button is for a thumb at three in the morning. */
export function IncidentActions({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<ActionName | null>(null);
  const { id, possible, status, review } = incident;
  const act = useMutation({
    mutationFn: ({ path, body }: { path: string; body?: unknown }) => actOn(id, path, body),
    onSuccess: (after) => {
      setChosen(null);
      if (after.id !== id) window.location.hash = `#incidents/${after.id}`;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['incidents'] }),
  });
  const begin = useMutation({
    mutationFn: () => moveReview(id, ''),
    onSettled: () => queries.invalidateQueries({ queryKey: ['incidents'] }),
  });
  const mayAck = possible.includes('acknowledge');
  useShortcut('a', mayAck && !act.isPending, () => act.mutate({ path: 'acknowledge' }));
  const open = possible.some((move) => ['acknowledge', 'resolve'].includes(move));
  const names: ActionName[] = [
    'note',
    ...(['mitigate', 'resolve', 'regress', 'reopen'] as const).filter((move) => possible.includes(move)),
    ...(open || status === 'resolved' ? (['severity'] as const) : []),
    ...(possible.includes('merge') ? (['merge'] as const) : []),
  ];
  return (
    <Stack gap="sm">
      {mayAck && (
        <Button
          size="xl"
          mih={72}
          fullWidth
          color="red.9"
          loading={act.isPending}
          aria-keyshortcuts="a"
          onClick={() => act.mutate({ path: 'acknowledge' })}
        >
          {t('incident.acknowledge')}
        </Button>
      )}
      {mayAck && (
        <Text size="xs" c="dimmed" visibleFrom="sm">
          {t('incident.shortcut')}
        </Text>
      )}
      <Group gap="xs">
        {names.map((name) => (
          <Button
            key={name}
            variant={chosen === name ? 'filled' : 'default'}
            mih={44}
            aria-expanded={chosen === name}
            onClick={() => setChosen(chosen === name ? null : name)}
          >
            {t(`incident.${name}`)}
          </Button>
        ))}
        {possible.includes('unmerge') && (
          <Button variant="default" mih={44} onClick={() => act.mutate({ path: 'unmerge' })}>
            {t('incident.unmerge')}
          </Button>
        )}
        {status === 'resolved' && review === null && (
          <Button variant="default" mih={44} onClick={() => begin.mutate()}>
            {t('incident.begin-review')}
          </Button>
        )}
      </Group>
      {chosen !== null && (
        <ActionForm
          key={chosen}
          name={chosen}
          incident={incident}
          pending={act.isPending}
          onSend={(body) => act.mutate({ path: chosen, body })}
        />
      )}
      <Problem error={act.error ?? begin.error} />
    </Stack>
  );
}

/** A key that does something while nobody types. */
function useShortcut(key: string, on: boolean, run: () => void): void {
  useEffect(() => {
    if (!on) return undefined;
    const pressed = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select') !== null;
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing)
        return;
      run();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  });
}
