import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ZoneToday } from '../../schema/api.js';
import { number } from '../format.js';
import type { LiveCameraState } from '../live/live-state.js';

/** The zones of one camera: who is in them now, and today's visits. */
export function ZonesList({
  zones,
  live,
}: {
  zones: readonly ZoneToday[];
  live: LiveCameraState | undefined;
}) {
  const { t } = useTranslation();
  if (zones.length === 0) return null;
  return (
    <Stack gap="xs" role="list" aria-label={t('zone.title')}>
      {zones.map((zone) => (
        <Zone key={zone.id} zone={zone} now={live?.seen.zones.find(({ id }) => id === zone.id)} />
      ))}
    </Stack>
  );
}

type ZoneNow = LiveCameraState['seen']['zones'][number];

function Zone({ zone, now }: { zone: ZoneToday; now: ZoneNow | undefined }) {
  const { t, i18n } = useTranslation();
  const digits = (value: number | null, places = 0) =>
    value === null ? '–' : number(value, i18n.language, places);
  const dwell = zone.meanDwellMs === null ? null : zone.meanDwellMs / 1000;
  return (
    <div role="listitem" data-testid="zone" data-zone={zone.id} data-occupancy={now?.occupancy}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{zone.name}</Text>
        {now !== undefined && (
          <Text className="number" {...(now.over && { c: 'red', fw: 700 })}>
            {now.over ? '▲ ' : ''}
            {zone.capacity === null
              ? t('zone.now', { people: digits(now.occupancy) })
              : t('zone.nowOf', { people: digits(now.occupancy), capacity: digits(zone.capacity) })}
            {now.over ? ` ${t('zone.over')}` : ''}
            {now.queue > 0 ? `, ${t('zone.queue', { people: digits(now.queue) })}` : ''}
          </Text>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {t('zone.today', {
          entries: digits(zone.entries),
          most: digits(zone.occupancyMax),
          seconds: digits(dwell, 1),
        })}
      </Text>
    </div>
  );
}
