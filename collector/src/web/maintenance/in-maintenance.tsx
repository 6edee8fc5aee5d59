import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { covers } from '../../maintenance/covers.js';
import type { Camera } from '../../schema/api.js';
import { fetchMaintenance } from '../api.js';
import { dateTimeWithZone } from '../format.js';

/** Windows begin and end by the minute (ms). */
const REFRESH_MS = 60_000;

/** Windows that run or are planned. */
export function useOpenWindows() {
  return useQuery({
    queryKey: ['maintenance', 'open'],
    queryFn: () => fetchMaintenance(true),
    refetchInterval: REFRESH_MS,
  });
}

/** Until when a camera is in maintenance; nothing while it is not. */
export function InMaintenance({ camera }: { camera: Camera }) {
  const { t, i18n } = useTranslation();
  const { data, dataUpdatedAt } = useOpenWindows();
  const ends = (data?.windows ?? [])
    .filter((window) => window.start <= dataUpdatedAt && covers(window, camera))
    // It has no effect yet.
    .filter(({ approval, kind }) => approval !== 'waiting' || kind === 'emergency')
    .map(({ end }) => end);
  if (ends.length === 0) return null;
  const time = dateTimeWithZone(Math.max(...ends), i18n.language, camera.timeZone);
  return (
    <Text size="sm" fw={600} data-testid="in-maintenance">
      {t('maintenance.until', { time })}
    </Text>
  );
}
