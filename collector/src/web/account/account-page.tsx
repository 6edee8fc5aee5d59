import {
  Alert,
  Button,
  Card,
  Code,
  Group,
  PasswordInput,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Session } from '../../schema/security.js';
import {
  changePassword,
  confirmTotp,
  endOwnSession,
  fetchOwnSessions,
  offerTotp,
  removeTotp,
} from '../api.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';

/** The own account: password, second factor, sessions. */
export function AccountPage({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg" data-testid="account">
      <Title order={2} size="h4">
        {t('account.title', { name: session.username })}
      </Title>
      {session.mustChangePassword && <Alert color="orange">{t('account.mustChange')}</Alert>}
      <PasswordCard />
      {!session.mustChangePassword && (
        <>
          <TotpCard on={session.totp} />
          <Sessions />
        </>
      )}
    </Stack>
  );
}

function PasswordCard() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: (session) => {
      queries.setQueryData(['session'], session);
      setCurrent('');
      setNext('');
    },
  });
  return (
    <Card withBorder component="section" aria-label={t('account.password')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Stack maw={420}>
          <Title order={3} size="h5">
            {t('account.password')}
          </Title>
          <PasswordInput
            label={t('account.current')}
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('account.next')}
            description={t('account.nextHint')}
            autoComplete="new-password"
            required
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
          <Problem error={change.error} />
          {change.isSuccess && <Alert color="teal">{t('account.changed')}</Alert>}
          <Button type="submit" loading={change.isPending} mih={44}>
            {t('account.change')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

function TotpCard({ on }: { on: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const renew = () => queries.invalidateQueries({ queryKey: ['session'] });
  const offer = useMutation({ mutationFn: () => offerTotp(password) });
  const confirm = useMutation({ mutationFn: () => confirmTotp(code), onSuccess: renew });
  const remove = useMutation({ mutationFn: () => removeTotp(password), onSuccess: renew });
  return (
    <Card withBorder component="section" aria-label={t('account.totp')}>
      <Stack maw={420}>
        <Title order={3} size="h5">
          {t('account.totp')}
        </Title>
        <Text size="sm">{on ? t('account.totpOn') : t('account.totpOff')}</Text>
        {confirm.data !== undefined && (
          <Alert color="teal" title={t('account.recovery')}>
            <Code block>{confirm.data.join('\n')}</Code>
          </Alert>
        )}
        {offer.data === undefined || on ? (
          <>
            <PasswordInput
              label={t('account.current')}
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Problem error={offer.error ?? remove.error} />
            <Button
              variant="default"
              mih={44}
              disabled={password === ''}
              loading={offer.isPending || remove.isPending}
              onClick={() => (on ? remove.mutate() : offer.mutate())}
            >
              {on ? t('account.totpRemove') : t('account.totpBegin')}
            </Button>
          </>
        ) : (
          <>
            <Text size="sm">{t('account.scan')}</Text>
            <img
              src={`data:image/svg+xml;utf8,${encodeURIComponent(offer.data.svg)}`}
              alt={t('account.qr')}
              width={220}
              height={220}
            />
            <Code data-testid="totp-secret">{offer.data.secret}</Code>
            <TextInput
              label={t('login.code')}
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value.trim())}
            />
            <Problem error={confirm.error} />
            <Button
              mih={44}
              disabled={code.length < 6}
              loading={confirm.isPending}
              onClick={() => confirm.mutate()}
            >
              {t('account.totpConfirm')}
            </Button>
          </>
        )}
      </Stack>
    </Card>
  );
}

function Sessions() {
  const { t, i18n } = useTranslation();
  const sessions = useQuery({ queryKey: ['own-sessions'], queryFn: fetchOwnSessions });
  const end = useMutation({ mutationFn: endOwnSession, onSuccess: () => void sessions.refetch() });
  if (sessions.isError) return <LoadFailed error={sessions.error} retry={() => void sessions.refetch()} />;
  return (
    <Card withBorder component="section" aria-label={t('account.sessions')}>
      <Title order={3} size="h5" mb="sm">
        {t('account.sessions')}
      </Title>
      <Table.ScrollContainer minWidth={280}>
        <Table>
          <Table.Tbody>
            {(sessions.data ?? []).map(({ id, current, seenAt, address, browser }) => (
              <Table.Tr key={id}>
                <Table.Td>
                  <Text size="sm">{address}</Text>
                  <Text size="xs" c="dimmed" lineClamp={2}>
                    {browser}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {t('account.seen', { time: dateTimeWithZone(seenAt, i18n.language) })}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Group justify="flex-end">
                    {current ? (
                      <Text size="sm">{t('account.this')}</Text>
                    ) : (
                      <Button variant="default" mih={44} onClick={() => end.mutate(id)}>
                        {t('account.end')}
                      </Button>
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Problem error={end.error} />
    </Card>
  );
}
