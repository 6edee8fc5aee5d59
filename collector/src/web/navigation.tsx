import { Button, Group } from '@mantine/core';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { PAGES, type Page } from '../schema/console-pages.js';
import { mayUse } from '../schema/role.js';
import type { Session } from '../schema/security.js';

/** The pages that somebody may see; one who must choose a password sees nothing else. */
export function pagesFor({ role, mustChangePassword }: Session): readonly Page[] {
  if (mustChangePassword) return ['account'];
  return (Object.keys(PAGES) as Page[]).filter((page) => mayUse(role, PAGES[page], 'GET'));
}

function listen(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

/** The page of the address, or the first one where it names none that may be seen. */
export function usePage(pages: readonly Page[]): Page {
  const [name] = useHash().split('/', 1);
  return pages.find((page) => page === name) ?? pages[0] ?? 'account';
}

/** What the address names on its page, such as INC-3 of "#incidents/INC-3"; empty for nothing. */
export function usePlace(): string {
  return decodeURIComponent(useHash().split('/').slice(1).join('/'));
}

function useHash(): string {
  return useSyncExternalStore(listen, () => window.location.hash.slice(1));
}

/** Links to the pages: one row to push sideways on a phone, with the page that is shown in it. */
export function Navigation({ pages, page }: { pages: readonly Page[]; page: Page }) {
  const { t } = useTranslation();
  const current = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    current.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [page]);
  return (
    <Group component="nav" className="pages" gap="xs" mb="md" aria-label={t('app.pages')}>
      {pages.map((one) => (
        <Button
          key={one}
          ref={one === page ? current : undefined}
          component="a"
          href={`#${one}`}
          size="sm"
          flex="none"
          variant={one === page ? 'filled' : 'default'}
          aria-current={one === page ? 'page' : undefined}
        >
          {t(`page.${one}`)}
        </Button>
      ))}
    </Group>
  );
}
