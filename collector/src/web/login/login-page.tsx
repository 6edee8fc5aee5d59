import { Alert, Button, Center, Group, Paper, PasswordInput, Stack, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { logIn } from '../api.js';
import { LanguageSwitch } from '../app.js';
import { ApiError } from '../http.js';

/** User name and password. */
export function LoginPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const login = useMutation({
    mutationFn: () => logIn({ username, password, ...(code !== '' && { code }) }),
    onSuccess: (session) => queries.setQueryData(['session'], session),
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    login.mutate();
  };
  const asked = login.error instanceof ApiError && login.error.type === 'totp-required';
  const unreachable = login.error instanceof ApiError && login.error.status === 0;
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w="100%" maw={400} shadow="sm">
        <form onSubmit={submit} data-testid="login-form">
          <Stack>
            <Group justify="space-between">
              <img src="/icon.svg" alt="" width={40} height={40} />
              <LanguageSwitch />
            </Group>
            <Title order={1} size="h3">
              {t('login.title')}
            </Title>
            <TextInput
              label={t('login.username')}
              name="username"
              autoComplete="username"
              required
              autoFocus
              value={username}
              onChange={(event) => setUsername(event.currentTarget.value)}
            />
            <PasswordInput
              label={t('login.password')}
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            {(asked || code !== '') && (
              <TextInput
                label={t('login.code')}
                description={t('login.codeHint')}
                name="code"
                inputMode="text"
                autoComplete="one-time-code"
                autoFocus
                value={code}
                onChange={(event) => setCode(event.currentTarget.value.trim())}
              />
            )}
            {login.error !== null && !(asked && code === '') && (
              <Alert color="red" role="alert">
                {unreachable ? t('login.unreachable') : login.error.message}
              </Alert>
            )}
            <Button type="submit" loading={login.isPending}>
              {t('login.submit')}
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
