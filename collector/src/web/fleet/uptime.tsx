import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { AvailabilityAnswer } from '../../schema/availability.js';
import { fetchAvailability } from '../api.js';
import { number, percent } from '../format.js';

/** The window of the promise to customers. */
const DAYS = 28;
/** A minute is a small part of 28 days: it is enough to ask now and then (ms). */
const REFRESH_MS = 10 * 60_000;
/** Before so much is known, a connection that took some seconds would look like a bad camera (ms). */
const LEAST_KNOWN_MS = 24 * 3_600_000;

/** How much of the last 28 days a camera or a gateway was up, beside the target, and how much of that time is known. */
export function Uptime({ of }: { of: (answer: AvailabilityAnswer) => Uptimes | undefined }) {
  const { t, i18n } = useTranslation();
  const { data, error } = useQuery({
    queryKey: ['availability', DAYS],
    queryFn: () => fetchAvailability(DAYS),
    refetchInterval: REFRESH_MS,
  });
  if (error !== null) return <Text size="sm">{t('availability.failed')}</Text>;
  if (data === undefined) return null;
  const { goodMs, badMs, availability, coverage } = of(data) ?? NOTHING;
  if (availability === null || coverage === null || goodMs + badMs < LEAST_KNOWN_MS)
    return (
      <Text size="sm" c="dimmed" data-testid="uptime">
        {t('availability.none')}
      </Text>
    );
  const missed = availability < data.target;
  const share = { percent: number(downTo(availability), i18n.language, 2), days: DAYS };
  return (
    <Text size="sm" {...(missed && { c: 'orange' })} data-testid="uptime" data-missed={missed}>
      {missed && '▲ '}
      {t('availability.up', share)}{' '}
      <Text span size="xs" c="dimmed">
        {missed && `${t('availability.target', { percent: number(100 * data.target, i18n.language) })}; `}
        {t('availability.coverage', { percent: percent(coverage) })}
      </Text>
    </Text>
  );
}

type Uptimes = Pick<AvailabilityAnswer['cameras'][number], 'goodMs' | 'badMs' | 'availability' | 'coverage'>;
const NOTHING: Uptimes = { goodMs: 0, badMs: 0, availability: null, coverage: null };

/** Percent with two digits, rounded down: 99.996 % is not 100 %. */
function downTo(share: number): number {
  return Math.floor(share * 10_000) / 100;
}
