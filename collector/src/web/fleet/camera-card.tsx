import { Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Camera, ZoneToday } from '../../schema/api.js';
import { number, percent, timeWithZone } from '../format.js';
import type { LiveCameraState } from '../live/live-state.js';
import { InMaintenance } from '../maintenance/in-maintenance.js';
import { CameraActions } from './camera-actions.js';
import { StateBadge } from './state-badge.js';
import { Uptime } from './uptime.js';
import { ZonesList } from './zones-list.js';

const LOOK = {
  streaming: 'good',
  connecting: 'waiting',
  stalled: 'bad',
  backoff: 'bad',
  disabled: 'neutral',
  unknown: 'neutral',
} as const;

/** One camera: its state, who is in view, and today's counts (stored ones and those of the minute that runs). */
export function CameraCard({
  camera,
  zones,
  live,
  mayAct,
}: {
  camera: Camera;
  zones: readonly ZoneToday[];
  live: LiveCameraState | undefined;
  /** Whether the person may ask the gateway for something. */
  mayAct: boolean;
}) {
  const { t, i18n } = useTranslation();
  const { state, cause } = camera;
  const streaming = state === 'streaming';
  const well = streaming && (cause === 'first-frame' || cause === 'recovered');
  return (
    <Card withBorder data-testid="camera" data-state={state}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Title order={3} size="h5">
              {camera.name}
            </Title>
            <Text size="xs" c="dimmed">
              {camera.gateway} / {camera.id}
            </Text>
          </div>
          <StateBadge look={LOOK[state]}>{t(`state.${state}`)}</StateBadge>
        </Group>
        <InMaintenance camera={camera} />
        {!well && cause !== null && <Text size="sm">{t(`cause.${cause}`)}</Text>}
        {streaming && live !== undefined && (
          <Group gap="lg">
            <Text>
              <Text span fw={700} size="xl" className="number" data-testid="in-view">
                {number(live.seen.inView, i18n.language)}
              </Text>{' '}
              {t('camera.inView')}
            </Text>
            <Text size="sm" c="dimmed" className="number">
              {t('camera.fps', { fps: number(live.seen.fps, i18n.language, 1) })}
            </Text>
          </Group>
        )}
        <LinesToday camera={camera} live={live} />
        <ZonesList zones={zones} live={live} />
        {live !== undefined && <LastCrossing camera={camera} live={live} />}
        <Uptime
          of={({ cameras }) =>
            cameras.find(({ gateway, id }) => gateway === camera.gateway && id === camera.id)
          }
        />
        {mayAct && <CameraActions camera={camera} />}
      </Stack>
    </Card>
  );
}

function LinesToday({ camera, live }: { camera: Camera; live: LiveCameraState | undefined }) {
  const { t, i18n } = useTranslation();
  return (
    <Table aria-label={t('camera.today')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('camera.line')}</Table.Th>
          <Table.Th ta="right">{t('camera.in')}</Table.Th>
          <Table.Th ta="right">{t('camera.out')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {camera.today.lines.map((line) => {
          const pending = live?.seen.lines.find(({ id }) => id === line.id)?.pending ?? { in: 0, out: 0 };
          const sums = { in: line.in + pending.in, out: line.out + pending.out };
          return (
            <Table.Tr
              key={line.id}
              data-testid="line-today"
              data-line={line.id}
              data-in={sums.in}
              data-out={sums.out}
            >
              <Table.Td>
                {line.name}
                <Text size="xs" c="dimmed">
                  {line.completeness === null
                    ? t('camera.notYet')
                    : t('camera.completeness', { percent: percent(line.completeness) })}
                  {line.stitched > 0 && `; ${t('camera.stitched', { count: line.stitched })}`}
                  {line.directions.in !== 'in' &&
                    `; ${t('camera.directions', { in: line.directions.in, out: line.directions.out })}`}
                </Text>
              </Table.Td>
              {([sums.in, sums.out] as const).map((value, index) => (
                <Table.Td key={`${index}-${value}`} ta="right" fw={700} className="number fresh">
                  {number(value, i18n.language)}
                </Table.Td>
              ))}
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

function LastCrossing({ camera, live }: { camera: Camera; live: LiveCameraState }) {
  const { t, i18n } = useTranslation();
  const crossing = live.lastCrossing;
  const line = camera.today.lines.find(({ id }) => id === crossing?.line)?.name ?? crossing?.line;
  return (
    <Text size="sm" c="dimmed" aria-live="polite">
      {crossing === undefined
        ? t('camera.noCrossing')
        : t('camera.lastCrossing', {
            line,
            direction: directionName(camera, crossing, t),
            time: timeWithZone(crossing.at, i18n.language, camera.timeZone),
          })}
    </Text>
  );
}

function directionName(
  camera: Camera,
  { line, direction }: { line: string; direction: 'in' | 'out' },
  t: (key: 'camera.in' | 'camera.out') => string,
): string {
  const name = camera.today.lines.find(({ id }) => id === line)?.directions[direction] ?? direction;
  return name === direction ? t(`camera.${direction}`) : name;
}
