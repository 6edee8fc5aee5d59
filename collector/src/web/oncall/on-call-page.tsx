import { Alert, List, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Gap, TeamOnCall } from '../../schema/oncall.js';
import { mayUse } from '../../schema/role.js';
import type { Session } from '../../schema/security.js';
import { LoadFailed } from '../load-failed.js';
import { CalendarFeeds } from './calendar-feeds.js';
import { Contacts } from './contacts.js';
import { DutyCalendar } from './duty-calendar.js';
import { DutyCard } from './duty-card.js';
import { GapText } from './gap-text.js';
import { fetchGaps, fetchOnCall } from './oncall-api.js';
import { TakeShift, type WantedShift } from './take-shift.js';
import { TeamsSetup } from './teams-setup.js';

const GAP_DAYS = 14;
/** More are a schedule that is not set up yet. */
const MOST_GAPS = 8;

/** Who is on call now, next and in the next weeks, and how whoever is logged in can be reached. */
export function OnCallPage({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState<WantedShift | null>(null);
  const onCall = useQuery({ queryKey: ['on-call'], queryFn: fetchOnCall, refetchInterval: 60_000 });
  if (onCall.isError) return <LoadFailed error={onCall.error} retry={() => void onCall.refetch()} />;
  if (onCall.data === undefined) return <Skeleton h={220} />;
  const { teams } = onCall.data;
  const isOperator = mayUse(session.role, 'operator', 'POST');
  return (
    <Stack gap="lg" data-testid="on-call">
      <Title order={2} size="h4">
        {t('oncall.title')}
      </Title>
      {teams.length === 0 && <Text>{t('oncall.noTeams')}</Text>}
      <Gaps teams={teams} />
      {teams.map((team) => (
        <Stack key={team.name} gap="md" component="section" aria-label={team.title}>
          <Title order={3} size="h5">
            {team.title}
          </Title>
          {team.levels.length === 0 && <Text c="dimmed">{t('oncall.noLevels')}</Text>}
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {team.levels.map((level) => (
              <DutyCard
                key={level.level}
                team={team.name}
                level={level}
                username={session.username}
                mayNote={isOperator}
                onTake={setWanted}
              />
            ))}
          </SimpleGrid>
          {team.levels.length > 0 && (
            <DutyCalendar team={team.name} username={session.username} isOperator={isOperator} />
          )}
        </Stack>
      ))}
      {teams.some(({ levels }) => levels.length > 0) && (
        <TakeShift
          key={wanted === null ? '' : JSON.stringify(wanted)}
          teams={teams}
          username={session.username}
          wanted={wanted}
        />
      )}
      {mayUse(session.role, 'admin', 'PUT') && <TeamsSetup />}
      <Contacts />
      <CalendarFeeds teams={teams} />
    </Stack>
  );
}

/** What stands in the way of reaching somebody. */
function Gaps({ teams }: { teams: readonly TeamOnCall[] }) {
  const { t } = useTranslation();
  const gaps = useQuery({ queryKey: ['on-call', 'gaps'], queryFn: () => fetchGaps(GAP_DAYS) });
  const found = gaps.data ?? [];
  if (found.length === 0) return null;
  return (
    <Alert color="red" title={t('oncall.gaps', { days: GAP_DAYS })} data-testid="gaps">
      <List size="sm">
        {found.slice(0, MOST_GAPS).map((gap) => (
          <List.Item key={JSON.stringify(gap)}>
            <GapText gap={gap} {...placeOf(gap, teams)} />
          </List.Item>
        ))}
      </List>
      {found.length > MOST_GAPS && (
        <Text size="sm">{t('oncall.more', { count: found.length - MOST_GAPS })}</Text>
      )}
    </Alert>
  );
}

function placeOf(gap: Gap, teams: readonly TeamOnCall[]): { where: string; zone: string | undefined } {
  const team = teams.find(({ name }) => name === gap.team);
  const zone = team?.levels.find(({ level }) => level === gap.level)?.timeZone;
  return { where: `${team?.title ?? gap.team}, L${gap.level}`, zone };
}
