import { Anchor, List, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Handover, HandoverShift } from '../../schema/handover.js';
import { dateTimeWithZone } from '../format.js';
import { IncidentBadges } from '../incidents/incident-badges.js';
import { inLanguage } from '../incidents/words.js';
import { LoadFailed } from '../load-failed.js';
import { fetchHandover } from './oncall-api.js';

const REFRESH_MS = 60_000;

interface HandoverViewProps {
  readonly team: string;
  readonly level: number;
  /** Whoever is on duty sees it without asking. */
  readonly isOwn: boolean;
}

/** What whoever comes on duty must know: open incidents, the last shifts, the notes before the newest. */
export function HandoverView({ team, level, isOwn }: HandoverViewProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(isOwn);
  const handover = useQuery({
    queryKey: ['on-call', 'handover', team, level],
    queryFn: () => fetchHandover(team, level),
    refetchInterval: REFRESH_MS,
    enabled: open,
  });
  return (
    <details
      open={open}
      data-testid={`handover-${team}-${level}`}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary style={{ minHeight: 32 }}>{t('handover.title')}</summary>
      {handover.isError && <LoadFailed error={handover.error} retry={() => void handover.refetch()} />}
      {open && handover.isPending && <Skeleton h={80} />}
      {handover.data !== undefined && (
        <Stack gap="sm" mt="xs">
          <OpenIncidents handover={handover.data} />
          {handover.data.shifts.map((shift) => (
            <ShiftText key={shift.from} shift={shift} zone={handover.data.timeZone} />
          ))}
          <EarlierNotes handover={handover.data} />
        </Stack>
      )}
    </details>
  );
}

function OpenIncidents({ handover: { open, openTotal, timeZone } }: { handover: Handover }) {
  const { t, i18n } = useTranslation();
  const time = (at: number) => dateTimeWithZone(at, i18n.language, timeZone);
  return (
    <Stack gap={4} data-testid="handover-open">
      <Text size="sm" fw={600}>
        {t('handover.open', { count: openTotal })}
      </Text>
      {open.map(({ id, title, severity, status, startedAt, holder, note }) => (
        <div key={id}>
          <Anchor href={`#incidents/${id}`} size="sm">
            {id} {inLanguage(title, i18n.language)}
          </Anchor>
          <IncidentBadges severity={severity} status={status} />
          <Text size="xs">
            {t('handover.since', { time: time(startedAt) })}
            {' · '}
            {holder === null ? t('handover.noHolder') : t('handover.holder', { name: holder })}
          </Text>
          {note !== null && (
            <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {t('handover.note', { name: note.author, time: time(note.at) })} {note.text}
            </Text>
          )}
        </div>
      ))}
      {openTotal > open.length && (
        <Text size="sm">{t('oncall.more', { count: openTotal - open.length })}</Text>
      )}
    </Stack>
  );
}

function ShiftText({ shift, zone }: { shift: HandoverShift; zone: string }) {
  const { t, i18n } = useTranslation();
  const { user, from, to, incidents, opened, acknowledged, resolved, pages } = shift;
  const time = (at: number) => dateTimeWithZone(at, i18n.language, zone);
  const name = user ?? t('oncall.nobody');
  return (
    <div data-testid="handover-shift">
      <Text size="sm" fw={600}>
        {to === null
          ? t('handover.running', { name, from: time(from) })
          : t('handover.shift', { name, from: time(from), to: time(to) })}
      </Text>
      <Text size="sm">{t('handover.happened', { opened, acknowledged, resolved, pages })}</Text>
      <List size="sm">
        {incidents.map(({ id, title, ...did }) => (
          <List.Item key={id} style={{ overflowWrap: 'anywhere' }}>
            <Anchor href={`#incidents/${id}`} size="sm">
              {id}
            </Anchor>{' '}
            {inLanguage(title, i18n.language)}:{' '}
            {(['opened', 'acknowledged', 'resolved'] as const)
              .filter((one) => did[one])
              .map((one) => t(`handover.did-${one}`))
              .join(', ')}
          </List.Item>
        ))}
      </List>
    </div>
  );
}

/** The newest one stands on the card. */
function EarlierNotes({ handover: { notes, timeZone } }: { handover: Handover }) {
  const { t, i18n } = useTranslation();
  return notes.slice(1).map(({ author, at, text }) => (
    <div key={`${author} ${at}`}>
      <Text size="sm" fw={600}>
        {t('oncall.noteOf', { name: author, time: dateTimeWithZone(at, i18n.language, timeZone) })}
      </Text>
      <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {text}
      </Text>
    </div>
  ));
}
