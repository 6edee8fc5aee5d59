import {
  Alert,
  Button,
  Card,
  Checkbox,
  Code,
  Group,
  NumberInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SCOPES, type Scope } from '../../schema/role.js';
import { fetchTokens, makeToken, revokeToken } from '../api.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';

const DAYS = 90;
const MOST_DAYS = 366;

/** What programs may do with the API. */
export function TokensPage({ mayChange }: { mayChange: boolean }) {
  const { t, i18n } = useTranslation();
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: fetchTokens });
  const revoke = useMutation({ mutationFn: revokeToken, onSuccess: () => void tokens.refetch() });
  if (tokens.isError) return <LoadFailed error={tokens.error} retry={() => void tokens.refetch()} />;
  const all = tokens.data ?? [];
  return (
    <Stack gap="lg" data-testid="tokens">
      <Title order={2} size="h4">
        {t('tokens.title')}
      </Title>
      {mayChange && <NewToken onMade={() => void tokens.refetch()} />}
      <Problem error={revoke.error} />
      {tokens.isSuccess && all.length === 0 && <Text c="dimmed">{t('tokens.none')}</Text>}
      {all.map(({ id, name, scopes, expiresAt, usedAt, revokedAt, createdBy }) => (
        <Card withBorder key={id}>
          <Group justify="space-between">
            <div>
              <Text fw={600}>{name}</Text>
              <Text size="xs" c="dimmed">
                {scopes.join(', ')}
              </Text>
              <Text size="xs" c="dimmed">
                {t('tokens.until', {
                  time: dateTimeWithZone(expiresAt, i18n.language),
                  name: createdBy,
                })}
              </Text>
              <Text size="xs" c="dimmed">
                {usedAt === null
                  ? t('tokens.unused')
                  : t('tokens.used', { time: dateTimeWithZone(usedAt, i18n.language) })}
              </Text>
            </div>
            {revokedAt !== null ? (
              <Text size="sm">{t('tokens.revoked')}</Text>
            ) : (
              mayChange && (
                <Button variant="default" mih={44} onClick={() => revoke.mutate(id)}>
                  {t('tokens.revoke')}
                </Button>
              )
            )}
          </Group>
        </Card>
      ))}
    </Stack>
  );
}

function NewToken({ onMade }: { onMade: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>(['counts:read']);
  const [days, setDays] = useState(DAYS);
  const make = useMutation({
    mutationFn: () => makeToken({ name, scopes: scopes as Scope[], days }),
    onSuccess: onMade,
  });
  return (
    <Card withBorder component="section" aria-label={t('tokens.make')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Stack>
          <Group align="flex-end">
            <TextInput
              label={t('tokens.name')}
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NumberInput
              label={t('tokens.days')}
              min={1}
              max={MOST_DAYS}
              value={days}
              onChange={(value) => setDays(Number(value))}
            />
          </Group>
          <Checkbox.Group label={t('tokens.scopes')} value={scopes} onChange={setScopes}>
            <Group mt="xs">
              {SCOPES.map((scope) => (
                <Checkbox key={scope} value={scope} label={t(`scope.${scope.replace(':', '-')}`)} />
              ))}
            </Group>
          </Checkbox.Group>
          <Problem error={make.error} />
          {make.data !== undefined && (
            <Alert color="teal" title={t('tokens.once')}>
              <Code block>{make.data}</Code>
            </Alert>
          )}
          <Button type="submit" maw={240} mih={44} disabled={scopes.length === 0} loading={make.isPending}>
            {t('tokens.make')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
