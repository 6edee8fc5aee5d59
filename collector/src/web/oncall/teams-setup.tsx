import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Team } from '../../schema/oncall.js';
import { LoadFailed } from '../load-failed.js';
import { fetchTeams } from './oncall-api.js';
import { ScheduleForm } from './schedule-form.js';
import { TeamForm } from './team-form.js';

const LEVELS = [1, 2, 3, 4] as const;

/** What is being edited: a team, or the schedule of one of its levels. */
interface Editing {
  /** Null for a team that is being made. */
  readonly team: string | null;
  readonly level: (typeof LEVELS)[number] | null;
}

/** Teams, their members and who takes turns at which level; for administrators. */
export function TeamsSetup() {
  const { t } = useTranslation();
  const teams = useQuery({ queryKey: ['on-call', 'teams'], queryFn: fetchTeams });
  const [editing, setEditing] = useState<Editing | null>(null);
  const done = () => setEditing(null);
  if (teams.isError) return <LoadFailed error={teams.error} retry={() => void teams.refetch()} />;
  return (
    <Card withBorder component="section" aria-label={t('teams.title')} data-testid="teams">
      <Stack>
        <Title order={3} size="h5">
          {t('teams.title')}
        </Title>
        {teams.data?.map((team) => (
          <Stack key={team.name} gap="xs" data-testid={`team-${team.name}`}>
            <TeamLine team={team} onEdit={(level) => setEditing({ team: team.name, level })} />
            {editing?.team === team.name && <Editor key={editing.level} {...{ team, editing, done }} />}
          </Stack>
        ))}
        {editing?.team === null ? (
          <TeamForm team={null} taken={teams.data?.map(({ name }) => name) ?? []} onDone={done} />
        ) : (
          <Button
            variant="default"
            mih={44}
            maw={260}
            onClick={() => setEditing({ team: null, level: null })}
          >
            {t('teams.add')}
          </Button>
        )}
      </Stack>
    </Card>
  );
}

function Editor({ team, editing, done }: { team: Team; editing: Editing; done: () => void }) {
  const { level } = editing;
  if (level === null) return <TeamForm team={team} taken={[]} onDone={done} />;
  return <ScheduleForm team={team} level={level} onDone={done} />;
}

function TeamLine({ team, onEdit }: { team: Team; onEdit: (level: Editing['level']) => void }) {
  const { t } = useTranslation();
  const { title, members, schedules } = team;
  return (
    <>
      <Title order={4} size="h6">
        {title}
      </Title>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {members.length === 0 ? t('teams.noMembers') : t('teams.members', { names: members.join(', ') })}
      </Text>
      <Group gap="xs">
        <Button variant="default" mih={44} onClick={() => onEdit(null)}>
          {t('teams.edit')}
        </Button>
        {LEVELS.map((level) => {
          const exists = schedules.some((one) => one.level === level);
          return (
            <Button key={level} variant="default" mih={44} onClick={() => onEdit(level)}>
              {t(exists ? 'teams.editLevel' : 'teams.addLevel', { level })}
            </Button>
          );
        })}
      </Group>
    </>
  );
}
