import { Alert, Button, Card, Code, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { makeEnrolmentCode, revokeGateway } from '../api.js';
import { dateTimeWithZone } from '../format.js';
import { Problem } from '../problem.js';

/** A new gateway, or another box in the place of one; and the end of a box that was stolen. */
export function Enrol() {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [site, setSite] = useState('');
  const [timeZone, setTimeZone] = useState('');
  const code = useMutation({
    mutationFn: () =>
      makeEnrolmentCode(name, { ...(site !== '' && { site }), ...(timeZone !== '' && { timeZone }) }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['gateways'] }),
  });
  return (
    <Card withBorder component="section" aria-label={t('enrol.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          code.mutate();
        }}
      >
        <Stack>
          <Title order={3} size="h5">
            {t('enrol.title')}
          </Title>
          <Group align="flex-end">
            <TextInput
              label={t('enrol.name')}
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <TextInput
              label={t('enrol.site')}
              value={site}
              onChange={(event) => setSite(event.currentTarget.value)}
            />
            <TextInput
              label={t('enrol.zone')}
              placeholder="Asia/Ho_Chi_Minh"
              value={timeZone}
              onChange={(event) => setTimeZone(event.currentTarget.value)}
            />
          </Group>
          <Problem error={code.error} />
          {code.data !== undefined && (
            <Alert color="teal" role="status" title={t('enrol.once')}>
              <Code block data-testid="enrol-command" style={{ whiteSpace: 'pre-wrap' }}>
                {code.data.command}
              </Code>
              <Text size="sm">
                {t('enrol.until', { time: dateTimeWithZone(code.data.expiresAt, i18n.language) })}
              </Text>
            </Alert>
          )}
          <Group>
            <Button type="submit" mih={44} loading={code.isPending}>
              {t('enrol.make')}
            </Button>
            <Revoke name={name} onDone={() => code.reset()} />
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

/** Asked twice: whoever is shut out needs somebody at the gateway to come back. */
function Revoke({ name, onDone }: { name: string; onDone: () => void }) {
  const { t } = useTranslation();
  const [sure, setSure] = useState('');
  const revoke = useMutation({
    mutationFn: () => revokeGateway(name),
    onSettled: () => setSure(''),
    // A code that was not used ends with it.
    onSuccess: onDone,
  });
  if (name === '') return null;
  const asked = sure === name;
  return (
    <>
      <Button
        variant={asked ? 'filled' : 'default'}
        color="red.9"
        mih={44}
        loading={revoke.isPending}
        onClick={() => (asked ? revoke.mutate() : setSure(name))}
      >
        {asked ? t('enrol.sure', { name }) : t('enrol.revoke')}
      </Button>
      <Problem error={revoke.error} />
      {revoke.isSuccess && (
        <Text size="sm" role="status">
          {t('enrol.revoked')}
        </Text>
      )}
    </>
  );
}
