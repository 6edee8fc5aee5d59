import { Alert, Button, Card, Code, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TeamOnCall } from '../../schema/oncall.js';
import { dateTimeWithZone } from '../format.js';
import { Problem } from '../problem.js';
import { fetchCalendarFeeds, makeCalendarFeed, removeCalendarFeed } from './oncall-api.js';

const QUERY = ['account', 'calendars'] as const;
const OWN = 'own';

/** Addresses by which a calendar program shows who is on call. */
export function CalendarFeeds({ teams }: { teams: readonly TeamOnCall[] }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: QUERY });
  const feeds = useQuery({ queryKey: QUERY, queryFn: fetchCalendarFeeds });
  const [of, setOf] = useState(OWN);
  const make = useMutation({
    mutationFn: () => {
      const [team, level] = of.split('/');
      return makeCalendarFeed(of === OWN ? {} : { team, level: Number(level) });
    },
    onSuccess: refresh,
  });
  const remove = useMutation({ mutationFn: removeCalendarFeed, onSuccess: refresh });
  const nameOf = (team: string | null, level: number | null) =>
    team === null
      ? t('feeds.own')
      : `${teams.find(({ name }) => name === team)?.title ?? team}, L${level ?? ''}`;
  const choices = [
    { value: OWN, label: t('feeds.own') },
    ...teams.flatMap(({ name, levels }) =>
      levels.map(({ level }) => ({ value: `${name}/${level}`, label: nameOf(name, level) })),
    ),
  ];
  return (
    <Card withBorder component="section" aria-label={t('feeds.title')}>
      <Stack>
        <Title order={3} size="h5">
          {t('feeds.title')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('feeds.hint')}
        </Text>
        {feeds.data?.map(({ id, team, level, createdAt, usedAt }) => (
          <Group key={id} justify="space-between">
            <div>
              <Text fw={600}>{nameOf(team, level)}</Text>
              <Text size="xs" c="dimmed">
                {usedAt === null
                  ? t('feeds.unused', { time: dateTimeWithZone(createdAt, i18n.language) })
                  : t('feeds.used', { time: dateTimeWithZone(usedAt, i18n.language) })}
              </Text>
            </div>
            <Button variant="default" mih={44} onClick={() => remove.mutate(id)}>
              {t('feeds.remove')}
            </Button>
          </Group>
        ))}
        <Group align="flex-end">
          <NativeSelect
            label={t('feeds.of')}
            data={choices}
            value={of}
            onChange={(event) => setOf(event.currentTarget.value)}
          />
          <Button mih={44} loading={make.isPending} onClick={() => make.mutate()}>
            {t('feeds.make')}
          </Button>
        </Group>
        <Problem error={make.error ?? remove.error} />
        {make.data !== undefined && (
          <Alert color="teal" title={t('feeds.once')}>
            <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} data-testid="feed">
              {make.data}
            </Code>
          </Alert>
        )}
      </Stack>
    </Card>
  );
}
