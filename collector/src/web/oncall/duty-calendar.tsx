import {
  Button,
  Card,
  Group,
  SegmentedControl,
  Stack,
  Table,
  Text,
  Title,
  VisuallyHidden,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarAnswer, Override } from '../../schema/oncall.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';
import { piecesOf, type Piece } from './days.js';
import { endOverride, fetchCalendar } from './oncall-api.js';

const DAYS = [14, 28] as const;

/** Who of a team is on duty day by day; stretches without anybody are red. */
export function DutyCalendar({
  team,
  username,
  isOperator,
}: {
  team: string;
  username: string;
  isOperator: boolean;
}) {
  const { t } = useTranslation();
  const [days, setDays] = useState<number>(DAYS[0]);
  const calendar = useQuery({
    queryKey: ['on-call', 'calendar', team, days],
    queryFn: () => fetchCalendar(team, days),
    placeholderData: (before) => before,
  });
  if (calendar.isError) return <LoadFailed error={calendar.error} retry={() => void calendar.refetch()} />;
  if (calendar.data === undefined) return null;
  const { levels, timeZone } = calendar.data;
  const mayEnd = ({ user, createdBy }: Override) => isOperator || [user, createdBy].includes(username);
  return (
    <Card withBorder p="xs">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={4} size="h6">
            {t('oncall.calendar')}
          </Title>
          <SegmentedControl
            size="sm"
            aria-label={t('oncall.calendar')}
            data={DAYS.map((value) => ({ value: String(value), label: t('oncall.days', { count: value }) }))}
            value={String(days)}
            onChange={(value) => setDays(Number(value))}
          />
        </Group>
        <Text size="xs" c="dimmed">
          {t('oncall.zone', { zone: timeZone })}
        </Text>
        <DayTable calendar={calendar.data} username={username} />
        {levels
          .flatMap(({ overrides }) => overrides)
          .map((override) => (
            <OverrideLine key={override.id} override={override} zone={timeZone} mayEnd={mayEnd(override)} />
          ))}
      </Stack>
    </Card>
  );
}

function DayTable({ calendar, username }: { calendar: CalendarAnswer; username: string }) {
  const { t, i18n } = useTranslation();
  const { days, levels, timeZone } = calendar;
  const date = new Intl.DateTimeFormat(i18n.language, {
    ...{ weekday: 'short', day: 'numeric', month: 'numeric', timeZone },
  });
  const clock = new Intl.DateTimeFormat(i18n.language, {
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone },
  });
  return (
    <Table layout="fixed" withTableBorder verticalSpacing={4} horizontalSpacing={4} data-testid="days">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="18%">{t('oncall.day')}</Table.Th>
          {levels.map(({ level }) => (
            <Table.Th key={level} title={t(`oncall.level.${level}`)}>
              L{level}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {days.map((day) => (
          <Table.Tr key={day.from}>
            <Table.Th scope="row" fw={400} fz="sm">
              {date.format(day.from)}
            </Table.Th>
            {levels.map(({ level, spans }) => (
              <Table.Td key={level} valign="top">
                {piecesOf(spans, day).map((piece) => (
                  <PieceText
                    key={piece.begins ?? 0}
                    piece={piece}
                    time={piece.begins === null ? '' : clock.format(piece.begins)}
                    own={piece.user === username}
                  />
                ))}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function PieceText({ piece, time, own }: { piece: Piece; time: string; own: boolean }) {
  const { t } = useTranslation();
  const { user, override } = piece;
  const gap = user === null;
  return (
    <Text
      size={gap ? 'xs' : 'sm'}
      px={2}
      fw={own || gap ? 700 : 400}
      {...(gap && { bg: 'red.9', c: 'white' })}
      style={{ overflowWrap: 'anywhere', borderRadius: 4 }}
      data-gap={gap || undefined}
    >
      {time !== '' && (
        <Text span size="xs" className="number">
          {time}{' '}
        </Text>
      )}
      {user ?? t('oncall.nobody')}
      {override !== null && (
        <Text span size="xs" title={t('oncall.override')}>
          {' ⇄'}
          <VisuallyHidden> {t('oncall.override')}</VisuallyHidden>
        </Text>
      )}
    </Text>
  );
}

function OverrideLine({ override, zone, mayEnd }: { override: Override; zone: string; mayEnd: boolean }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => endOverride(override.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['on-call'] }),
  });
  const time = (at: number) => dateTimeWithZone(at, i18n.language, zone);
  const { level, user, reason, from, to, replaces } = override;
  return (
    <Group justify="space-between">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {t('oncall.overrideLine', { level, user, from: time(from), to: time(to), reason })}
        {replaces !== null && ` ${t('oncall.replaces', { name: replaces })}`}
      </Text>
      {mayEnd && (
        <Button variant="default" mih={44} loading={end.isPending} onClick={() => end.mutate()}>
          {t('oncall.endOverride')}
        </Button>
      )}
      <Problem error={end.error} />
    </Group>
  );
}
