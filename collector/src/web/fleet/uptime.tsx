import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { AvailabilityAnswer } from '../../schema/availability.js';
import { fetchAvailability } from '../api.js';
import { number, percent } from '../format.js';

/** The window of the promise to customers. */
const DAYS = 28;
/** A minute is a small part of 28 days: it is enough to ask now and then, sooner while nothing is known (ms). */
const REFRESH_MS = 10 * 60_000;
const FIRST_MS = 15_000;

/** How much of the last 28 days a camera or a gateway was up, beside the target, and how much of that time is known. */
export function Uptime({ of }: { of: (answer: AvailabilityAnswer) => Uptimes | undefined }) {
  const { t, i18n } = useTranslation();
  const { data, error } = useQuery({
    queryKey: ['availability', DAYS],
    queryFn: () => fetchAvailability(DAYS),
    refetchInterval: ({ state }) =>
      state.data?.cameras.some(({ availability }) => availability !== null) ? REFRESH_MS : FIRST_MS,
  });
  if (error !== null) return <Text size="sm">{t('availability.failed')}</Text>;
  if (data === undefined) return null;
  const { availability = null, coverage = null } = of(data) ?? {};
  if (availability === null || coverage === null)
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

type Uptimes = Pick<AvailabilityAnswer['cameras'][number], 'availability' | 'coverage'>;

/** Percent with two digits, rounded down: 99.996 % is not 100 %. */
function downTo(share: number): number {
  return Math.floor(share * 10_000) / 100;
}
