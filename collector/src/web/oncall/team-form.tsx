import { Button, Card, Checkbox, Group, ScrollArea, Skeleton, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Team } from '../../schema/oncall.js';
import { fetchPeople } from '../api.js';
import { ConfirmButton } from '../confirm-button.js';
import { fieldError, restOf } from '../field-errors.js';
import { Problem } from '../problem.js';
import { removeTeam, saveTeam } from './oncall-api.js';

/** A name for addresses out of a title: "Ca đêm 2" is "ca-dem-2". */
export function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll('đ', 'd')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
}

interface TeamFormProps {
  /** Null for a new one. */
  readonly team: Team | null;
  /** Short names of the teams that there are: a new team takes none of them over. */
  readonly taken: readonly string[];
  readonly onDone: () => void;
}

/** Title and members of a team that is, or of a new one. */
export function TeamForm({ team, taken, onDone }: TeamFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [title, setTitle] = useState(team?.title ?? '');
  const [typedName, setName] = useState<string | null>(team?.name ?? null);
  const [members, setMembers] = useState<string[]>(team?.members ?? []);
  const name = typedName ?? slugOf(title);
  const onSuccess = async () => {
    await queries.invalidateQueries({ queryKey: ['on-call'] });
    onDone();
  };
  const save = useMutation({ mutationFn: () => saveTeam(name, { title, members }), onSuccess });
  const remove = useMutation({ mutationFn: () => removeTeam(name), onSuccess });
  const { error } = save;
  const isTaken = team === null && taken.includes(name);
  return (
    <Card withBorder p="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isTaken) save.mutate();
        }}
      >
        <Stack maw={480} data-testid="team-form">
          <TextInput
            label={t('teams.name')}
            required
            autoFocus
            maxLength={100}
            value={title}
            error={fieldError(error, 'title')}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          {team === null && (
            <TextInput
              label={t('teams.slug')}
              description={t('teams.slugHint')}
              required
              value={name}
              error={isTaken ? t('teams.taken') : fieldError(error, 'team')}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
          <Members value={members} error={fieldError(error, 'members')} onChange={setMembers} />
          <Problem error={restOf(error, ['title', 'team', 'members']) ?? remove.error} />
          <Group>
            <Button type="submit" mih={44} loading={save.isPending}>
              {t('teams.save')}
            </Button>
            <Button variant="default" mih={44} onClick={onDone}>
              {t('teams.cancel')}
            </Button>
            {team !== null && (
              <ConfirmButton
                label={t('teams.remove')}
                question={t('teams.removeAsk', { title: team.title })}
                loading={remove.isPending}
                onConfirm={() => remove.mutate()}
              />
            )}
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

interface MembersProps {
  readonly value: string[];
  readonly error: string | undefined;
  readonly onChange: (members: string[]) => void;
}

/** People of the collector to choose from; a member who is locked out stays to be seen. */
function Members({ value, error, onChange }: MembersProps) {
  const { t } = useTranslation();
  const people = useQuery({ queryKey: ['people'], queryFn: fetchPeople });
  if (people.isError) return <Problem error={people.error} />;
  if (people.data === undefined) return <Skeleton h={80} />;
  const choices = people.data.filter(
    ({ username, disabledAt }) => disabledAt === null || value.includes(username),
  );
  return (
    <Checkbox.Group label={t('teams.who')} {...{ value, error, onChange }}>
      <ScrollArea.Autosize mah={260} mt="xs">
        <Stack gap="xs" p={4}>
          {choices.map(({ username, disabledAt }) => (
            <Checkbox
              key={username}
              value={username}
              label={disabledAt === null ? username : t('teams.locked', { name: username })}
            />
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </Checkbox.Group>
  );
}
