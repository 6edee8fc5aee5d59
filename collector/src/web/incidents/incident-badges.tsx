import { Badge, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { IncidentStatus, Severity } from '../../schema/incident-words.js';
import { StateBadge } from '../fleet/state-badge.js';
import { SEVERITY_COLORS } from './words.js';

const LOOKS = {
  triggered: 'bad',
  acknowledged: 'waiting',
  mitigated: 'waiting',
  resolved: 'good',
  closed: 'good',
  merged: 'neutral',
} as const;

/** How bad an incident is, and where it stands. */
export function IncidentBadges({ severity, status }: { severity: Severity; status: IncidentStatus }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      <Badge color={SEVERITY_COLORS[severity]} variant="filled" styles={{ label: { textTransform: 'none' } }}>
        {t(`severity.${severity}`)}
      </Badge>
      <StateBadge look={LOOKS[status]}>{t(`incidentStatus.${status}`)}</StateBadge>
    </Group>
  );
}
