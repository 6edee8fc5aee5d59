import { Button, Card, Group, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MaintenanceWindow } from '../../schema/maintenance.js';
import { endMaintenance, removeMaintenance } from '../api.js';
import { StateBadge } from '../fleet/state-badge.js';
import { dateTimeWithZone } from '../format.js';
import { Problem } from '../problem.js';
import { approveMaintenance } from './maintenance-api.js';

const LOOK = { planned: 'neutral', running: 'waiting', ended: 'neutral', cancelled: 'neutral' } as const;

interface WindowCardProps {
  readonly window: MaintenanceWindow;
  readonly state: keyof typeof LOOK;
  /** Who looks at it. */
  readonly me: string;
  /** Undefined where nothing can be changed. */
  readonly onChanged?: (() => void) | undefined;
}

/** One window: what, when, why, what it does, and who has approved it. */
export function WindowCard({ window, state, me, onChanged }: WindowCardProps) {
  const { t, i18n } = useTranslation();
  const { scope, site, gateway, camera, timeZone, start, end, endedEarlyAt, kind, reason, approver } = window;
  const time = (at: number) => dateTimeWithZone(at, i18n.language, timeZone);
  const waits = window.approval === 'waiting' && (state === 'planned' || state === 'running');
  return (
    <Card withBorder data-testid="window" data-state={state}>
      <Group justify="space-between" align="flex-start">
        <Text fw={600}>{t(`maintenance.${scope}`, { site, gateway, camera })}</Text>
        <StateBadge look={waits ? 'bad' : LOOK[state]}>
          {t(waits ? 'maintenance.waiting' : `maintenance.${state}`)}
        </StateBadge>
      </Group>
      <Text size="sm">{t('maintenance.times', { start: time(start), end: time(end) })}</Text>
      {endedEarlyAt !== null && (
        <Text size="sm">{t('maintenance.endedEarly', { time: time(endedEarlyAt) })}</Text>
      )}
      <Text size="sm">
        {kind === 'emergency' && `${t('maintenance.urgent')}: `}
        {reason}
      </Text>
      {window.effect === 'page' && <Text size="sm">{t('maintenance.effect-page')}</Text>}
      {waits && <Text size="sm">{t(`maintenance.waits-${kind}`, { name: window.author })}</Text>}
      <Text size="xs" c="dimmed">
        {t('maintenance.by', { name: window.author, time: time(window.createdAt) })}
        {approver !== null && ` · ${t('maintenance.approvedBy', { name: approver })}`}
        {window.announcedAt !== null &&
          ` · ${t('maintenance.announced', { time: time(window.announcedAt) })}`}
      </Text>
      {onChanged !== undefined && (
        <Group gap="sm" mt="sm">
          {waits && window.author !== me && (
            <Change
              label="maintenance.approve"
              act={() => approveMaintenance(window.id)}
              onChanged={onChanged}
            />
          )}
          {state === 'running' ? (
            <Change label="maintenance.endNow" act={() => endMaintenance(window.id)} onChanged={onChanged} />
          ) : (
            <Change
              label="maintenance.remove"
              act={() => removeMaintenance(window.id)}
              onChanged={onChanged}
            />
          )}
        </Group>
      )}
    </Card>
  );
}

interface ChangeProps {
  /** Key of its text. */
  readonly label: string;
  readonly act: () => Promise<void>;
  readonly onChanged: () => void;
}

/** A button that changes something. */
export function Change({ label, act, onChanged }: ChangeProps) {
  const { t } = useTranslation();
  const change = useMutation({ mutationFn: act, onSuccess: onChanged });
  return (
    <div>
      <Problem error={change.error} />
      <Button variant="default" mih={44} loading={change.isPending} onClick={() => change.mutate()}>
        {t(label)}
      </Button>
    </div>
  );
}
