import { Anchor, Button, Group, Skeleton, Stack, Text, Textarea, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentDetail } from '../../schema/incidents.js';
import type { Review } from '../../schema/reviews.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';
import { ActionItems } from './action-items.js';
import { fetchReview, moveReview, writeReview } from './incidents-api.js';
import { span } from './words.js';

interface SectionProps {
  readonly incident: IncidentDetail;
  readonly mayAct: boolean;
  /** Who looks. */
  readonly me: string;
}

/** What was learnt: drafted from the timeline, written by people, looked at by another one. */
export function ReviewSection({ incident, mayAct, me }: SectionProps) {
  const { t, i18n } = useTranslation();
  const { id } = incident;
  const review = useQuery({
    queryKey: ['incidents', id, 'review', i18n.language],
    queryFn: () => fetchReview(id, i18n.language),
  });
  const { data } = review;
  return (
    <Stack
      component="section"
      gap="sm"
      aria-label={t('review.title')}
      data-testid="review"
      data-status={data?.status}
    >
      <Title order={3} size="h5">
        {t('review.title')}
      </Title>
      {review.isError && <LoadFailed error={review.error} retry={() => void review.refetch()} />}
      {review.isPending && <Skeleton h={160} />}
      {data !== undefined && (
        <>
          <Text size="sm">
            {t(`reviewStatus.${data.status}`)}
            {data.dueAt !== null &&
              ` · ${t('review.due', { time: dateTimeWithZone(data.dueAt, i18n.language, incident.timeZone) })}`}
          </Text>
          <ReviewFacts review={data} />
          <Sections key={`${i18n.language} ${data.status}`} review={data} mayWrite={mayAct} />
          {mayAct && <ReviewMoves review={data} me={me} />}
          <ActionItems review={data} mayAct={mayAct} me={me} />
          <Group gap="md">
            <Anchor href={`/api/v1/incidents/${id}/review.md?lang=${i18n.language}`} download>
              {t('review.export')}
            </Anchor>
            <Anchor href={`/api/v1/incidents/${id}/review.pdf?lang=${i18n.language}`} download>
              {t('review.export-pdf')}
            </Anchor>
          </Group>
        </>
      )}
    </Stack>
  );
}

function ReviewFacts({ review }: { review: Review }) {
  const { t } = useTranslation();
  const { detectMs, acknowledgeMs, mitigateMs, resolveMs, paged, people } = review.facts;
  const { acknowledgeTargetMs, resolveTargetMs } = review.facts;
  const time = (ms: number | null) => (ms === null ? '–' : span(ms, t));
  const against = (ms: number | null, target: number) =>
    `${time(ms)} (${t(ms !== null && ms <= target ? 'review.met' : 'review.missed', { time: span(target, t) })})`;
  return (
    <Text size="sm">
      {t('review.facts', {
        detected: time(detectMs),
        acknowledged: against(acknowledgeMs, acknowledgeTargetMs),
        resolved: against(resolveMs, resolveTargetMs),
      })}{' '}
      {mitigateMs !== null && t('review.mitigated', { time: time(mitigateMs) })}{' '}
      {paged.length > 0 && t('review.paged', { names: paged.join(', ') })}{' '}
      {people.length > 0 && t('review.people', { names: people.join(', ') })}
    </Text>
  );
}

const SECTIONS = ['summary', 'rootCause', 'contributing', 'lessons', 'wentWell'] as const;

function Sections({ review, mayWrite }: { review: Review; mayWrite: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { summary, rootCause, contributing, lessons, wentWell, incident, status } = review;
  const [texts, setTexts] = useState({ summary, rootCause, contributing, lessons, wentWell });
  const write = useMutation({
    mutationFn: () => writeReview(incident, texts),
    onSettled: () => queries.invalidateQueries({ queryKey: ['incidents', incident] }),
  });
  const open = mayWrite && (status === 'draft' || status === 'in_review');
  return (
    <Stack gap="sm">
      {SECTIONS.map((name) => (
        <Textarea
          key={name}
          label={t(`review.${name}`)}
          autosize
          minRows={2}
          readOnly={!open}
          value={texts[name]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setTexts((before) => ({ ...before, [name]: value }));
          }}
        />
      ))}
      <Problem error={write.error} />
      {open && (
        <Button
          mih={44}
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          loading={write.isPending}
          onClick={() => write.mutate()}
        >
          {t(write.isSuccess ? 'review.saved' : 'review.save')}
        </Button>
      )}
    </Stack>
  );
}

function ReviewMoves({ review, me }: { review: Review; me: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { incident, status, submittedBy } = review;
  const move = useMutation({
    mutationFn: (name: string) => moveReview(incident, name),
    onSettled: () => queries.invalidateQueries({ queryKey: ['incidents'] }),
  });
  const names: Readonly<Record<Review['status'], readonly string[]>> = {
    draft: ['submit'],
    in_review: submittedBy === me ? ['return'] : ['approve', 'return'],
    reviewed: ['close', 'return'],
    ...{ closed: [], waived: [] },
  };
  return (
    <Stack gap="xs">
      {status === 'in_review' && submittedBy === me && <Text size="sm">{t('review.other-person')}</Text>}
      <Group gap="xs">
        {names[status].map((name) => (
          <Button key={name} mih={44} loading={move.isPending} onClick={() => move.mutate(name)}>
            {t(`review.${name}`)}
          </Button>
        ))}
      </Group>
      <Problem error={move.error} />
    </Stack>
  );
}
