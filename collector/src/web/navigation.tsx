import { Button, Group } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { mayUse } from '../schema/role.js';
import type { Session } from '../schema/security.js';

/** Pages of the console; the address after the # names one. */
export type Page =
  'overview' | 'accuracy' | 'notifications' | 'config' | 'account' | 'people' | 'tokens' | 'audit-log';

/** The pages that somebody may see; one who must choose a password sees nothing else. */
export function pagesFor({ role, mustChangePassword }: Session): readonly [Page, ...Page[]] {
  if (mustChangePassword) return ['account'];
  const admin = mayUse(role, 'admin', 'GET');
  return [
    'overview',
    'accuracy',
    ...(mayUse(role, 'operator', 'GET') ? (['notifications'] as const) : []),
    'config',
    'account',
    ...(admin ? (['people', 'tokens'] as const) : []),
    ...(mayUse(role, 'auditor', 'GET') ? (['audit-log'] as const) : []),
  ];
}

function listen(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

/** The page of the address, or the first one where it names none that may be seen. */
export function usePage(pages: readonly [Page, ...Page[]]): Page {
  const hash = useSyncExternalStore(listen, () => window.location.hash.slice(1));
  return pages.find((page) => page === hash) ?? pages[0];
}

/** Links to the pages. */
export function Navigation({ pages, page }: { pages: readonly Page[]; page: Page }) {
  const { t } = useTranslation();
  return (
    <Group component="nav" gap="xs" mb="md" aria-label={t('app.pages')}>
      {pages.map((one) => (
        <Button
          key={one}
          component="a"
          href={`#${one}`}
          size="sm"
          variant={one === page ? 'filled' : 'default'}
          aria-current={one === page ? 'page' : undefined}
        >
          {t(`page.${one}`)}
        </Button>
      ))}
    </Group>
  );
}
