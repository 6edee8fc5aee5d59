import { Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Slo } from '../../schema/slo.js';
import { fetchSlos } from '../api.js';
import { StateBadge } from '../fleet/state-badge.js';
import { dateTimeWithZone, number, percent } from '../format.js';
import { LoadFailed } from '../load-failed.js';

const REFRESH_MS = 60_000;

/** Every promise: what was promised, how it is kept, and what of its error budget is left. */
export function SloPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['slo'],
    queryFn: fetchSlos,
    refetchInterval: REFRESH_MS,
  });
  if (error !== null) return <LoadFailed error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton h={220} />;
  return (
    <Stack gap="lg" data-testid="slo">
      <Title order={2} size="h4">
        {t('slo.title', { days: data.windowDays })}
      </Title>
      <Text size="sm" c="dimmed">
        {t('slo.hint')}
      </Text>
      {data.slos.map((slo) => (
        <SloCard key={slo.id} slo={slo} />
      ))}
    </Stack>
  );
}

/** Percent with three digits, rounded down: 99.9996 % is not 100 %. */
const downTo = (share: number) => Math.floor(share * 100_000) / 1000;

function SloCard({ slo }: { slo: Slo }) {
  const { t, i18n } = useTranslation();
  const { id, target, goodShare, coverage, met, budget, burn, since, cameras } = slo;
  const word = met === null ? 'unknown' : met ? 'kept' : 'broken';
  const look = ({ unknown: 'neutral', kept: 'good', broken: 'bad' } as const)[word];
  const digits = (value: number, places: number) => number(value, i18n.language, places);
  return (
    <Card withBorder data-testid="promise" data-slo={id} data-met={String(met)}>
      <Group justify="space-between" align="flex-start">
        <Title order={3} size="h5">
          {t(`slo.${id}`)}
        </Title>
        <StateBadge look={look}>{t(`slo.${word}`)}</StateBadge>
      </Group>
      <Text size="sm">{t('slo.target', { percent: digits(target * 100, 1) })}</Text>
      {goodShare !== null && coverage !== null && (
        <Text size="sm">
          {t('slo.value', { percent: digits(downTo(goodShare), 3), coverage: percent(coverage) })}
        </Text>
      )}
      {budget !== null && (
        <Text size="sm">
          {t('slo.budget', { percent: digits(budget.share * 100, 0), minutes: digits(budget.minutes, 0) })}
        </Text>
      )}
      {burn.map(({ hours, rate, factor, fast }) => (
        <Text key={hours} size="xs" {...(fast ? { fw: 600 } : { c: 'dimmed' })}>
          {rate === null
            ? t('slo.noBurn', { hours })
            : t('slo.burn', { hours, rate: digits(rate, 1), factor: digits(factor, 1) })}
        </Text>
      ))}
      {cameras?.worst.map(({ gateway, id: camera, name, availability }) => (
        <Text key={`${gateway}/${camera}`} size="sm">
          {t('slo.camera', { name, gateway, camera, percent: digits(downTo(availability), 2) })}
        </Text>
      ))}
      {since !== null && (
        <Text size="xs" c="dimmed">
          {t('slo.since', { time: dateTimeWithZone(since, i18n.language) })}
        </Text>
      )}
    </Card>
  );
}
