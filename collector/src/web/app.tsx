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
  Skeleton,
  Text,
  Title,
  useMantineColorScheme,
} from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { mayUse } from '../schema/role.js';
import type { Session } from '../schema/security.js';
import { AuditLogPage } from './admin/audit-log-page.js';
import { ErrorsPage } from './admin/errors-page.js';
import { TokensPage } from './admin/tokens-page.js';
import { currentSession, logOut } from './api.js';
import { CountsPanel } from './counts/counts-panel.js';
import { FleetPanel } from './fleet/fleet-panel.js';
import { LANGUAGES } from './i18n.js';
import { IncidentsPage } from './incidents/incidents-page.js';
import { useLive } from './live/use-live.js';
import { LoadFailed } from './load-failed.js';
import { LoginPage } from './login/login-page.js';
import { Navigation, pagesFor, usePage } from './navigation.js';
import { SloPage } from './slo/slo-page.js';

/** Pages that are loaded when somebody opens them: whoever is paged at night waits for the first ones only. */
const AccuracyPage = lazy(async () => ({
  default: (await import('./accuracy/accuracy-page.js')).AccuracyPage,
}));
const AlertsPage = lazy(async () => ({ default: (await import('./alerts/alerts-page.js')).AlertsPage }));
const ConfigPage = lazy(async () => ({ default: (await import('./config/config-page.js')).ConfigPage }));
const HandbookPage = lazy(async () => ({
  default: (await import('./handbook/handbook-page.js')).HandbookPage,
}));
const OnCallPage = lazy(async () => ({ default: (await import('./oncall/on-call-page.js')).OnCallPage }));
const PeoplePage = lazy(async () => ({ default: (await import('./admin/people-page.js')).PeoplePage }));
const AccountPage = lazy(async () => ({ default: (await import('./account/account-page.js')).AccountPage }));
const NotificationsPage = lazy(async () => ({
  default: (await import('./notifications/notifications-page.js')).NotificationsPage,
}));
const MaintenancePage = lazy(async () => ({
  default: (await import('./maintenance/maintenance-page.js')).MaintenancePage,
}));

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
  const mayAct = mayUse(session.role, 'operator', 'POST');
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
          <Suspense fallback={<Skeleton h={300} />}>
            {page === 'account' && <AccountPage session={session} />}
            {page === 'alerts' && (
              <AlertsPage
                mayEnd={mayUse(session.role, 'operator', 'POST')}
                mayChange={mayUse(session.role, 'admin', 'PUT')}
              />
            )}
            {page === 'handbook' && <HandbookPage />}
            {page === 'on-call' && <OnCallPage session={session} />}
            {page === 'accuracy' && (
              <AccuracyPage
                mayCount={mayUse(session.role, 'operator', 'POST')}
                mayRemove={mayUse(session.role, 'admin', 'DELETE')}
              />
            )}
            {page === 'notifications' && <NotificationsPage mayTestAny={session.role === 'admin'} />}
            {page === 'incidents' && (
              <IncidentsPage mayAct={mayUse(session.role, 'operator', 'POST')} me={session.username} />
            )}
            {page === 'config' && <ConfigPage mayChange={session.role === 'admin'} />}
            {page === 'slo' && <SloPage />}
            {page === 'maintenance' && (
              <MaintenancePage mayChange={mayUse(session.role, 'operator', 'POST')} />
            )}
            {page === 'people' && <PeoplePage mayChange={session.role === 'admin'} />}
            {page === 'tokens' && <TokensPage mayChange={session.role === 'admin'} />}
            {page === 'audit-log' && <AuditLogPage />}
            {page === 'errors' && <ErrorsPage mayChange={mayAct} />}
            {page === 'overview' && (
              <>
                <FleetPanel live={live} mayAct={mayAct} />
                <CountsPanel />
              </>
            )}
          </Suspense>
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
