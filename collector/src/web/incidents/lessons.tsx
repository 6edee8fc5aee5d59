import { Anchor, Card, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LoadFailed } from '../load-failed.js';
import { fetchLessons } from './incidents-api.js';
import { inLanguage } from './words.js';

/** What was learnt before, searched by a word. */
export function Lessons() {
  const { t, i18n } = useTranslation();
  const [text, setText] = useState('');
  const lessons = useQuery({ queryKey: ['incidents', 'lessons', text], queryFn: () => fetchLessons(text) });
  return (
    <details>
      <summary>{t('lesson.title')}</summary>
      <Stack gap="sm" mt="sm">
        <TextInput
          type="search"
          label={t('lesson.search')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {lessons.isError && <LoadFailed error={lessons.error} retry={() => void lessons.refetch()} />}
        {lessons.data?.length === 0 && <Text c="dimmed">{t('lesson.none')}</Text>}
        {(lessons.data ?? []).map((lesson) => (
          <Card key={lesson.incident} withBorder data-testid="lesson">
            <Anchor href={`#incidents/${lesson.incident}`} fw={600}>
              {lesson.incident} · {inLanguage(lesson.title, i18n.language)}
            </Anchor>
            <Text size="sm">{t(`reviewStatus.${lesson.status}`)}</Text>
            {lesson.rootCause !== '' && <Text size="sm">{lesson.rootCause}</Text>}
            {lesson.lessons !== '' && <Text size="sm">{t('lesson.learnt', { text: lesson.lessons })}</Text>}
            {lesson.openActions > 0 && (
              <Text size="sm">
                {t('lesson.open-actions', { actions: lesson.openActions, overdue: lesson.overdueActions })}
              </Text>
            )}
          </Card>
        ))}
      </Stack>
    </details>
  );
}
