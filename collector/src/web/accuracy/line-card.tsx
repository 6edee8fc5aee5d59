import { Button, Card, FileButton, Group, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { LineAccuracy } from '../../schema/accuracy.js';
import { importCounts } from '../api.js';
import { StateBadge } from '../fleet/state-badge.js';
import { dateTimeWithZone, number } from '../format.js';
import { Problem } from '../problem.js';

const LOOK = { pass: 'good', fail: 'bad', inconclusive: 'neutral' } as const;

interface Props {
  readonly line: LineAccuracy;
  /** Begin a tally; undefined for who may not count. */
  readonly onCount: (() => void) | undefined;
}

/** What is known of one line, and ways to know more. */
export function LineCard({ line, onCount }: Props) {
  const { t, i18n } = useTranslation();
  const percent = (share: number) => number(share * 100, i18n.language, 1);
  const { accuracy, lower, upper, worst, verdict, due, events, clips, audits, misses, extra, turned } = line;
  return (
    <Card withBorder data-testid="line-accuracy" data-verdict={verdict}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={3} size="h5">
            {line.cameraName}: {line.lineName}
          </Title>
          <Text size="xs" c="dimmed">
            {line.site} / {line.gateway} / {line.camera}
          </Text>
        </div>
        <StateBadge look={LOOK[verdict]}>{t(`accuracy.${verdict}`)}</StateBadge>
      </Group>
      {accuracy !== null && lower !== null && upper !== null && (
        <Text mt="sm">
          {t('accuracy.range', { share: percent(accuracy), lower: percent(lower), upper: percent(upper) })}
        </Text>
      )}
      <Text size="sm">{t('accuracy.counted', { events, clips, audits, misses, extra, turned })}</Text>
      {verdict === 'inconclusive' && line.eventsNeeded !== null && (
        <Text size="sm">{t('accuracy.needed', { events: line.eventsNeeded })}</Text>
      )}
      {worst !== null && worst.accuracy !== null && (
        <Text size="sm">
          {t('accuracy.worst', {
            name: t(`stratum.${worst.kind}-${worst.name}`),
            share: percent(worst.accuracy),
            events: worst.events,
          })}
        </Text>
      )}
      {due !== null && (
        <Text size="sm" fw={600}>
          {t(`accuracy.due-${due}`)}
        </Text>
      )}
      {line.lastAuditAt !== null && (
        <Text size="xs" c="dimmed">
          {t('accuracy.last', { time: dateTimeWithZone(line.lastAuditAt, i18n.language, line.timeZone) })}
        </Text>
      )}
      {onCount !== undefined && <Actions line={line} onCount={onCount} />}
    </Card>
  );
}

function Actions({ line, onCount }: { line: LineAccuracy; onCount: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const load = useMutation({
    mutationFn: async (file: File) => importCounts(line, await file.text()),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['accuracy'] }),
  });
  return (
    <>
      <Group mt="sm" gap="sm">
        <Button mih={44} onClick={onCount}>
          {t('accuracy.count')}
        </Button>
        <FileButton accept=".csv,text/csv" onChange={(file) => file !== null && load.mutate(file)}>
          {(props) => (
            <Button {...props} variant="default" mih={44} loading={load.isPending}>
              {t('accuracy.import')}
            </Button>
          )}
        </FileButton>
      </Group>
      {load.data !== undefined && (
        <Text size="sm" mt="xs" role="status">
          {t('accuracy.imported', { ...load.data })}
        </Text>
      )}
      <Problem error={load.error} />
    </>
  );
}
