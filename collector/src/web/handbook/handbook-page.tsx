import { Anchor, Button, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { HANDBOOK_PARTS } from '../../schema/handbook-words.js';
import type { HandbookList } from '../../schema/handbook.js';
import { LoadFailed } from '../load-failed.js';
import { usePlace } from '../navigation.js';
import { fetchHandbook, fetchHandbookPage } from './handbook-api.js';
import { Markdown } from './markdown.js';

/** How long a search waits for the next letter (ms). */
const TYPING_MS = 200;

/** Runbooks and guides: the list, or the one that the address names. */
export function HandbookPage() {
  const slug = usePlace();
  return slug === '' ? <HandbookContents /> : <HandbookView key={slug} slug={slug} />;
}

function HandbookContents() {
  const { t, i18n } = useTranslation();
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), TYPING_MS);
  const pages = useQuery({
    queryKey: ['handbook', i18n.language, search],
    queryFn: () => fetchHandbook(i18n.language, search),
    placeholderData: keepPreviousData,
  });
  return (
    <Stack gap="md" data-testid="handbook">
      <Title order={2} size="h4">
        {t('page.handbook')}
      </Title>
      <TextInput
        type="search"
        label={t('handbook.search')}
        maxLength={100}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {pages.isError && <LoadFailed error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending && <Skeleton h={220} />}
      {pages.data?.length === 0 && <Text aria-live="polite">{t('handbook.none')}</Text>}
      {HANDBOOK_PARTS.map((part) => (
        <Part
          key={part}
          title={t(`handbook.part-${part}`)}
          pages={(pages.data ?? []).filter((page) => page.part === part)}
        />
      ))}
    </Stack>
  );
}

function Part({ title, pages }: { title: string; pages: HandbookList['pages'] }) {
  if (pages.length === 0) return null;
  return (
    <Stack component="section" gap={4} aria-label={title}>
      <Title order={3} size="h5">
        {title}
      </Title>
      {pages.map(({ slug, title: name, excerpt }) => (
        <div key={slug}>
          <Anchor href={`#handbook/${slug}`} display="inline-block" py={10}>
            {name}
          </Anchor>
          {excerpt !== null && (
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {excerpt}
            </Text>
          )}
        </div>
      ))}
    </Stack>
  );
}

function HandbookView({ slug }: { slug: string }) {
  const { t, i18n } = useTranslation();
  const page = useQuery({
    queryKey: ['handbook-page', i18n.language, slug],
    queryFn: () => fetchHandbookPage(i18n.language, slug),
  });
  return (
    <Stack gap="sm" data-testid="handbook-view">
      <Anchor className="no-print" href="#handbook">
        ← {t('handbook.all')}
      </Anchor>
      {page.isError && <LoadFailed error={page.error} retry={() => void page.refetch()} />}
      {page.isPending && <Skeleton h={220} />}
      {page.data !== undefined && (
        <article>
          <Title order={2} size="h4" style={{ overflowWrap: 'anywhere' }}>
            {page.data.title}
          </Title>
          {page.data.rules.length > 0 && (
            <Text size="sm" mt={4}>
              {t('handbook.rules', { rules: page.data.rules.map(({ title }) => title).join(', ') })}
            </Text>
          )}
          <Button className="no-print" variant="default" mih={44} my="sm" onClick={() => window.print()}>
            {t('handbook.print')}
          </Button>
          <Markdown text={page.data.markdown} />
        </article>
      )}
    </Stack>
  );
}
