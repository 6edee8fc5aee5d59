import { Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentDetail } from '../../schema/incidents.js';
import { timeWithZone } from '../format.js';
import { sentence, span } from './words.js';

/** What happened, the newest first, on the clock of the site or of whoever reads. */
export function Timeline({ incident }: { incident: IncidentDetail }) {
  const { t, i18n } = useTranslation();
  const [clock, setClock] = useState<'site' | 'own'>('site');
  const zone = clock === 'site' ? incident.timeZone : undefined;
  const day = new Intl.DateTimeFormat(i18n.language, {
    ...{ day: 'numeric', month: 'short' },
    ...(zone !== undefined && { timeZone: zone }),
  });
  const time = (at: number) => `${day.format(at)}, ${timeWithZone(at, i18n.language, zone)}`;
  return (
    <Stack component="section" gap="xs" aria-label={t('incident.timeline')}>
      <Group justify="space-between">
        <Title order={3} size="h5">
          {t('incident.timeline')}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={t('incident.clock')}
          data={[
            { value: 'site', label: incident.timeZone },
            { value: 'own', label: t('incident.clock-own') },
          ]}
          value={clock}
          onChange={(value) => setClock(value)}
        />
      </Group>
      <Stack component="ol" gap="xs" p={0} m={0} style={{ listStyle: 'none' }}>
        {incident.timeline.toReversed().map((entry) => (
          <li key={entry.seq} data-testid="timeline-entry">
            <Text size="xs" c="dimmed" className="number">
              {time(entry.at)} · +{span(Math.max(0, entry.at - incident.startedAt), t)} ·{' '}
              {entry.actor === 'system' ? t('incident.system') : entry.actor} ·{' '}
              {t(`channel.${entry.channel}`)}
            </Text>
            <Text size="sm">{sentence(entry, t, i18n.language)}</Text>
            {entry.text !== '' && (
              <Text size="sm" fs="italic" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                {entry.text}
              </Text>
            )}
          </li>
        ))}
      </Stack>
    </Stack>
  );
}
