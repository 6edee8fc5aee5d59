import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Silence } from '../../schema/silences.js';
import { StateBadge } from '../fleet/state-badge.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';
import { NewSilence, type SilenceOf } from './new-silence.js';
import { endSilence, fetchSilences } from './silences-api.js';

const REFRESH_MS = 15_000;

interface SilencesProps {
  readonly of: SilenceOf;
  /** Of rules, by slug, in the language of the page. */
  readonly titles: ReadonlyMap<string, string>;
  readonly mayAct: boolean;
  /** May choose more than a day. */
  readonly mayBeLong: boolean;
}

/** Alerts of which nobody is told for a while: those silences that count, a new one, and those that have ended. */
export function Silences({ of, titles, mayAct, mayBeLong }: SilencesProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const list = (open: boolean) => ({
    queryKey: ['silences', open],
    queryFn: () => fetchSilences(open),
    refetchInterval: REFRESH_MS,
  });
  const open = useQuery(list(true));
  const ended = useQuery(list(false));
  const failed = [open, ended].find(({ isError }) => isError);
  if (failed?.error) return <LoadFailed error={failed.error} retry={() => void failed.refetch()} />;
  const changed = () => {
    void queries.invalidateQueries({ queryKey: ['silences'] });
    void queries.invalidateQueries({ queryKey: ['alerts'] });
  };
  return (
    <Stack gap="md" data-testid="silences">
      <Text size="sm" c="dimmed">
        {t('silence.hint')}
      </Text>
      {mayAct && <NewSilence {...{ of, titles, mayBeLong }} onAdded={changed} />}
      {open.data?.length === 0 && <Text>{t('silence.none')}</Text>}
      {(open.data ?? []).map((silence) => (
        <SilenceCard key={silence.id} {...{ silence, titles }} onEnded={mayAct ? changed : undefined} />
      ))}
      {(ended.data ?? []).length > 0 && (
        <Stack gap="sm" component="section" aria-label={t('silence.past')}>
          <Title order={3} size="h5">
            {t('silence.past')}
          </Title>
          {(ended.data ?? []).map((silence) => (
            <SilenceCard key={silence.id} {...{ silence, titles }} past />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

interface SilenceCardProps {
  readonly silence: Silence;
  readonly titles: ReadonlyMap<string, string>;
  readonly past?: true;
  /** Undefined where nothing can be changed. */
  readonly onEnded?: (() => void) | undefined;
}

function SilenceCard({ silence, titles, past, onEnded }: SilenceCardProps) {
  const { t, i18n } = useTranslation();
  const { id, rule, path, until, endReason, unmatchedSince } = silence;
  const time = (at: number) => dateTimeWithZone(at, i18n.language);
  const what = rule === null ? t('silence.everyRule') : (titles.get(rule) ?? rule);
  return (
    <Card withBorder data-testid="silence" data-state={past ? 'ended' : 'open'}>
      <Group justify="space-between" align="flex-start">
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          {what} · {path ?? t('silence.everywhere')}
        </Text>
        {!past && (
          <StateBadge look={silence.matches > 0 ? 'waiting' : 'neutral'}>
            {t('silence.matches', { count: silence.matches })}
          </StateBadge>
        )}
      </Group>
      <Text size="sm">
        {silence.endedAt === null
          ? t('silence.until', { time: time(until) })
          : t(`silence.ended-${endReason ?? 'manual'}`, {
              time: time(silence.endedAt),
              name: silence.endedBy,
            })}
      </Text>
      {!past && unmatchedSince !== null && (
        <Text size="sm">{t('silence.unmatched', { time: time(unmatchedSince) })}</Text>
      )}
      <Text size="sm">{silence.reason}</Text>
      <Text size="xs" c="dimmed">
        {t('maintenance.by', { name: silence.author, time: time(silence.createdAt) })}
      </Text>
      {onEnded !== undefined && <EndNow id={id} onEnded={onEnded} />}
    </Card>
  );
}

function EndNow({ id, onEnded }: { id: string; onEnded: () => void }) {
  const { t } = useTranslation();
  const end = useMutation({ mutationFn: () => endSilence(id), onSettled: onEnded });
  return (
    <>
      <Problem error={end.error} />
      <Button
        variant="default"
        mt="sm"
        maw={240}
        mih={44}
        loading={end.isPending}
        onClick={() => end.mutate()}
      >
        {t('silence.endNow')}
      </Button>
    </>
  );
}
