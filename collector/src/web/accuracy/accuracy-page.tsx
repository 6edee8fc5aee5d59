import { Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { LineAccuracy } from '../../schema/accuracy.js';
import { fetchAccuracy } from '../api.js';
import { StateBadge } from '../fleet/state-badge.js';
import { dateTimeWithZone, number } from '../format.js';
import { LoadFailed } from '../load-failed.js';

const LOOK = { pass: 'good', fail: 'bad', inconclusive: 'neutral' } as const;

/** How often the crossings of each line are right, and how sure that is. */
export function AccuracyPage() {
  const { t } = useTranslation();
  const accuracy = useQuery({ queryKey: ['accuracy'], queryFn: fetchAccuracy });
  if (accuracy.isError) return <LoadFailed error={accuracy.error} retry={() => void accuracy.refetch()} />;
  if (accuracy.data === undefined) return <Skeleton h={220} />;
  return (
    <Stack gap="lg" data-testid="accuracy">
      <Title order={2} size="h4">
        {t('accuracy.title')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('accuracy.hint', { percent: Math.round(accuracy.data.target * 100) })}
      </Text>
      {accuracy.data.lines.length === 0 && <Text>{t('counts.nothing')}</Text>}
      {accuracy.data.lines.map((line) => (
        <LineCard key={`${line.gateway}/${line.camera}/${line.line}`} line={line} />
      ))}
    </Stack>
  );
}

function LineCard({ line }: { line: LineAccuracy }) {
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
          {t('accuracy.last', { time: dateTimeWithZone(line.lastAuditAt, i18n.language) })}
        </Text>
      )}
    </Card>
  );
}
