import {
  ActionIcon,
  AppShell,
  Badge,
  Button,
  Center,
  Container,
  Group,
  Loader,
  SegmentedControl,
  Text,
  Title,
  useMantineColorScheme,
} from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { mayUse } from '../schema/role.js';
import type { Session } from '../schema/security.js';
import { AccountPage } from './account/account-page.js';
import { AccuracyPage } from './accuracy/accuracy-page.js';
import { AuditLogPage } from './admin/audit-log-page.js';
import { PeoplePage } from './admin/people-page.js';
import { TokensPage } from './admin/tokens-page.js';
import { AlertsPage } from './alerts/alerts-page.js';
import { currentSession, logOut } from './api.js';
import { ConfigPage } from './config/config-page.js';
import { CountsPanel } from './counts/counts-panel.js';
import { FleetPanel } from './fleet/fleet-panel.js';
import { LANGUAGES } from './i18n.js';
import { useLive } from './live/use-live.js';
import { LoadFailed } from './load-failed.js';
import { LoginPage } from './login/login-page.js';
import { Navigation, pagesFor, usePage } from './navigation.js';

/** The console: the login page until somebody is logged in, then the fleet and its counts. */
export function App() {
  const session = useQuery({ queryKey: ['session'], queryFn: currentSession });
  if (session.isPending) {
    return (
      <Center h="100vh">
        <Loader />
      </Center>
    );
  }
  if (session.isError) {
    return (
      <Container size="xs" pt="20vh">
        <LoadFailed error={session.error} retry={() => void session.refetch()} />
      </Container>
    );
  }
  return session.data === null ? <LoginPage /> : <Console session={session.data} />;
}

function Console({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { connected, live } = useLive(!session.mustChangePassword);
  const pages = pagesFor(session);
  const page = usePage(pages);
  return (
    <AppShell header={{ height: { base: 96, xs: 60 } }} padding="md">
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" gap="xs">
          <Group gap="sm">
            <img src="/icon.svg" alt="" width={28} height={28} />
            <Title order={1} size="h3">
              {t('app.title')}
            </Title>
            <Badge
              color={connected ? 'teal.9' : 'orange.9'}
              variant="filled"
              aria-live="polite"
              data-testid="live-badge"
            >
              {connected ? t('live.live') : t('live.reconnecting')}
            </Badge>
          </Group>
          <Group gap="xs">
            <LanguageSwitch />
            <ThemeSwitch />
            <LogoutButton username={session.username} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main id="content">
        <Container size="lg" px={0}>
          <Navigation pages={pages} page={page} />
          {page === 'account' && <AccountPage session={session} />}
          {page === 'alerts' && (
            <AlertsPage
              mayEnd={mayUse(session.role, 'operator', 'POST')}
              mayChange={mayUse(session.role, 'admin', 'PUT')}
            />
          )}
          {page === 'accuracy' && (
            <AccuracyPage
              mayCount={mayUse(session.role, 'operator', 'POST')}
              mayRemove={mayUse(session.role, 'admin', 'DELETE')}
            />
          )}
          {page === 'config' && <ConfigPage mayChange={session.role === 'admin'} />}
          {page === 'people' && <PeoplePage mayChange={session.role === 'admin'} />}
          {page === 'tokens' && <TokensPage mayChange={session.role === 'admin'} />}
          {page === 'audit-log' && <AuditLogPage />}
          {page === 'overview' && (
            <>
              <FleetPanel live={live} mayAct={mayUse(session.role, 'operator', 'POST')} />
              <CountsPanel />
            </>
          )}
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

function LogoutButton({ username }: { username: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const leave = async () => {
    await logOut();
    queries.setQueryData(['session'], null);
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  };
  return (
    <Button variant="default" size="xs" onClick={() => void leave()} title={username}>
      {t('app.logout')}
    </Button>
  );
}

/** English or Vietnamese; remembered in this browser. */
export function LanguageSwitch() {
  const { i18n, t } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('app.language')}
      data-testid="language"
      data={LANGUAGES.map(({ value, label }) => ({ value, label: <span lang={value}>{label}</span> }))}
      value={i18n.language}
      onChange={(language) => void i18n.changeLanguage(language)}
    />
  );
}

function ThemeSwitch() {
  const { t } = useTranslation();
  const { toggleColorScheme } = useMantineColorScheme();
  return (
    <ActionIcon variant="default" size={30} aria-label={t('app.theme')} onClick={() => toggleColorScheme()}>
      <Text span aria-hidden>
        ◐
      </Text>
    </ActionIcon>
  );
}
