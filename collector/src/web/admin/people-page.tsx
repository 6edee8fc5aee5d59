import {
  Alert,
  Button,
  Card,
  Code,
  Group,
  NativeSelect,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ROLES, type Role } from '../../schema/role.js';
import type { Person } from '../../schema/security.js';
import { addPerson, changePerson, fetchPeople, type PersonChange } from '../api.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';

/** Who may log in, and as what. An auditor sees it and changes nothing. */
export function PeoplePage({ mayChange }: { mayChange: boolean }) {
  const { t } = useTranslation();
  const people = useQuery({ queryKey: ['people'], queryFn: fetchPeople });
  const [secret, setSecret] = useState<{ name: string; password: string } | null>(null);
  const show = (name: string, password: string | null) => {
    setSecret(password === null ? null : { name, password });
    void people.refetch();
  };
  if (people.isError) return <LoadFailed error={people.error} retry={() => void people.refetch()} />;
  return (
    <Stack gap="lg" data-testid="people">
      <Title order={2} size="h4">
        {t('people.title')}
      </Title>
      {secret !== null && (
        <Alert color="teal" title={t('people.once', { name: secret.name })}>
          <Code data-testid="one-time">{secret.password}</Code>
        </Alert>
      )}
      {mayChange && <NewPerson onAdded={show} />}
      <Card withBorder>
        <Table.ScrollContainer minWidth={520}>
          <Table>
            <Table.Tbody>
              {(people.data ?? []).map((person) => (
                <PersonRow key={person.username} person={person} mayChange={mayChange} onChanged={show} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Card>
    </Stack>
  );
}

function useRoles() {
  const { t } = useTranslation();
  return ROLES.map((value) => ({ value, label: t(`role.${value}`) }));
}

function NewPerson({ onAdded }: { onAdded: (name: string, password: string) => void }) {
  const { t } = useTranslation();
  const roles = useRoles();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const add = useMutation({
    mutationFn: () => addPerson(name, role),
    onSuccess: (made) => onAdded(name, made),
  });
  return (
    <Card withBorder component="section" aria-label={t('people.add')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Group align="flex-end">
          <TextInput
            label={t('login.username')}
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NativeSelect
            label={t('people.role')}
            data={roles}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value as Role)}
          />
          <Button type="submit" loading={add.isPending}>
            {t('people.add')}
          </Button>
        </Group>
        <Problem error={add.error} />
      </form>
    </Card>
  );
}

function PersonRow({
  person,
  mayChange,
  onChanged,
}: {
  person: Person;
  mayChange: boolean;
  onChanged: (name: string, password: string | null) => void;
}) {
  const { t } = useTranslation();
  const roles = useRoles();
  const { username, role, disabledAt, totp } = person;
  const change = useMutation({
    mutationFn: (wanted: PersonChange) => changePerson(username, wanted),
    onSuccess: (password) => onChanged(username, password),
  });
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={600}>{username}</Text>
        <Text size="xs" c="dimmed">
          {[
            disabledAt === null ? t('people.active') : t('people.disabled'),
            totp ? t('people.totp') : t('people.noTotp'),
          ].join(', ')}
        </Text>
        <Problem error={change.error} />
      </Table.Td>
      <Table.Td>
        <NativeSelect
          aria-label={t('people.role')}
          data={roles}
          value={role}
          disabled={!mayChange}
          onChange={(event) => change.mutate({ role: event.currentTarget.value as Role })}
        />
      </Table.Td>
      {mayChange && (
        <Table.Td>
          <Group gap="xs">
            <Button
              variant="default"
              size="xs"
              onClick={() => change.mutate({ disabled: disabledAt === null })}
            >
              {disabledAt === null ? t('people.disable') : t('people.enable')}
            </Button>
            <Button variant="default" size="xs" onClick={() => change.mutate({ newPassword: true })}>
              {t('people.newPassword')}
            </Button>
            {totp && (
              <Button variant="default" size="xs" onClick={() => change.mutate({ resetTotp: true })}>
                {t('people.resetTotp')}
              </Button>
            )}
          </Group>
        </Table.Td>
      )}
    </Table.Tr>
  );
}
