import { Card, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { SiteOccupancyAnswer } from '../../schema/api.js';
import type { SiteAnswer } from '../../schema/sites.js';
import { fetchSites, type SiteNow } from '../api.js';
import { dateTimeWithZone, number, percent } from '../format.js';
import { LoadFailed } from '../load-failed.js';

const REFRESH_MS = 60_000;
/** Closed days that are shown. */
const SHOWN_DAYS = 3;

/** People at each site, with what the last days say of the number. */
export function Sites() {
  const { t } = useTranslation();
  const sites = useQuery({
    queryKey: ['sites'],
    queryFn: fetchSites,
    refetchInterval: REFRESH_MS,
  });
  if (sites.error !== null) return <LoadFailed error={sites.error} retry={() => void sites.refetch()} />;
  if (sites.data === undefined) return <Skeleton h={90} />;
  return (
    <section aria-label={t('site.title')}>
      <Title order={2} size="h4" mb="sm">
        {t('site.title')}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {sites.data.map((site) => (
          <SiteCard key={site.site.name} {...site} />
        ))}
      </SimpleGrid>
    </section>
  );
}

function SiteCard({ site, people }: SiteNow) {
  const { t, i18n } = useTranslation();
  const { occupancy, missing, timeZone } = people;
  return (
    <Card withBorder data-testid="site" data-site={site.name}>
      <Title order={3} size="h5">
        {site.name}
      </Title>
      <OpenState site={site} />
      {missing !== null && (
        <Text size="sm" c="dimmed">
          {t(`site.${missing}`, { site: site.name })}
        </Text>
      )}
      {occupancy !== null && (
        <Stack gap={4}>
          <Text>
            <Text span fw={700} size="xl" className="number" data-testid="site-now">
              {number(occupancy.now, i18n.language)}
            </Text>{' '}
            {t('site.people', { time: dateTimeWithZone(occupancy.since, i18n.language, timeZone) })}
          </Text>
          {occupancy.completeness !== null && (
            <Text size="sm">{t('site.completeness', { percent: percent(occupancy.completeness) })}</Text>
          )}
          <Drift days={occupancy.days} timeZone={timeZone} />
        </Stack>
      )}
    </Card>
  );
}

/** Whether the site is open and until when; nothing where nobody has said. */
function OpenState({ site }: { site: SiteAnswer }) {
  const { t, i18n } = useTranslation();
  const { open, changesAt, closure, timeZone } = site;
  if (open === null) return null;
  const time = changesAt === null ? '' : dateTimeWithZone(changesAt, i18n.language, timeZone);
  const key = open ? 'open' : 'closed';
  return (
    <Text size="sm" data-testid="site-open" data-open={open}>
      {t(changesAt === null ? `site.${key}` : `site.${key}Until`, { time })}
      {closure !== null && ` (${closure})`}
    </Text>
  );
}

type Days = NonNullable<SiteOccupancyAnswer['occupancy']>['days'];

function Drift({ days, timeZone }: { days: Days; timeZone: string }) {
  const { t, i18n } = useTranslation();
  const closed = days.filter(({ drift, in: came }) => drift !== null && came > 0).slice(-SHOWN_DAYS);
  return (
    <Text size="xs" c="dimmed">
      {t('site.drift')}{' '}
      {closed.length === 0
        ? t('site.noDays')
        : closed
            .map((day) =>
              t('site.driftDay', {
                time: dateTimeWithZone(day.to, i18n.language, timeZone),
                people: number(day.drift ?? 0, i18n.language),
                share: number((100 * Math.abs(day.drift ?? 0)) / day.in, i18n.language, 1),
              }),
            )
            .join('; ')}
    </Text>
  );
}
