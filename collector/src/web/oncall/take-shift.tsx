import { Alert, Button, Card, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TeamOnCall } from '../../schema/oncall.js';
import { Problem } from '../problem.js';
import { addOverride } from './oncall-api.js';

/** A shift that somebody thinks of taking over. */
export interface WantedShift {
  readonly team: string;
  readonly level: number;
  /** UTC ms. */
  readonly from: number;
  readonly to: number;
}

/** A time as the browser's own field wants it, on the browser's wall clock. */
function fieldTime(at: number): string {
  const date = new Date(at);
  const pad = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** A form by which whoever is logged in takes over a shift; filled in from a card of somebody who is on duty. */
export function TakeShift({
  teams,
  username,
  wanted,
}: {
  teams: readonly TeamOnCall[];
  username: string;
  wanted: WantedShift | null;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const places = teams.flatMap(({ name, title, levels }) =>
    levels.map(({ level }) => ({
      value: `${name}/${level}`,
      label: `${title}, L${level} ${t(`oncall.level.${level}`)}`,
    })),
  );
  const [place, setPlace] = useState(wanted ? `${wanted.team}/${wanted.level}` : (places[0]?.value ?? ''));
  const [from, setFrom] = useState(wanted ? fieldTime(wanted.from) : '');
  const [to, setTo] = useState(wanted ? fieldTime(wanted.to) : '');
  const [reason, setReason] = useState('');
  const reasonField = useRef<HTMLInputElement>(null);
  // Who asked for it on a card goes on writing here.
  useEffect(() => {
    if (wanted !== null) reasonField.current?.focus();
  }, [wanted]);
  const take = useMutation({
    mutationFn: () => {
      const [team = '', level = ''] = place.split('/');
      // A date without zone is read on the browser's wall clock.
      const span = { from: new Date(from).getTime(), to: new Date(to).getTime() };
      return addOverride({ team, level: Number(level) as 1 | 2 | 3 | 4, ...span, user: username, reason });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['on-call'] }),
  });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Card withBorder component="section" aria-label={t('oncall.takeTitle')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          take.mutate();
        }}
      >
        <Stack>
          <Title order={3} size="h5">
            {t('oncall.takeTitle')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('oncall.takeHint', { zone })}
          </Text>
          <NativeSelect
            label={t('oncall.shift')}
            data={places}
            value={place}
            onChange={(event) => setPlace(event.currentTarget.value)}
          />
          <Group grow align="flex-start" preventGrowOverflow={false}>
            <TextInput
              type="datetime-local"
              label={t('oncall.from')}
              required
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            <TextInput
              type="datetime-local"
              label={t('oncall.to')}
              required
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
          </Group>
          <TextInput
            ref={reasonField}
            label={t('oncall.reason')}
            required
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Problem error={take.error} />
          {take.isSuccess && (
            <Alert color="teal" role="status">
              {t('oncall.taken')}
            </Alert>
          )}
          <Button type="submit" mih={44} maw={260} loading={take.isPending}>
            {t('oncall.take')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
