import {
  Alert,
  Card,
  Code,
  Group,
  NativeSelect,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Camera, Gateway, ZoneToday } from '../../schema/api.js';
import { fetchCameras, fetchGateways, fetchZones } from '../api.js';
import { cameraKey, type LiveState } from '../live/live-state.js';
import { LoadFailed } from '../load-failed.js';
import { CameraCard } from './camera-card.js';
import { GatewayCard } from './gateway-card.js';
import { Sites } from './sites.js';

/** Zones have new stored numbers once a minute. */
const ZONES_MS = 60_000;
/** A fleet with no more cameras and gateways than this is shown whole. */
const SHOWN_WHOLE = 12;
/** What may be shown beside one site; no site has such a name. */
const ATTENTION = '*attention';
const EVERYTHING = '*everything';

/** Gateways and cameras with their live state. */
export function FleetPanel({ live, mayAct }: { live: LiveState; mayAct: boolean }) {
  const gateways = useQuery({ queryKey: ['gateways'], queryFn: fetchGateways });
  const cameras = useQuery({ queryKey: ['cameras'], queryFn: fetchCameras });
  const zones = useQuery({ queryKey: ['zones'], queryFn: fetchZones, refetchInterval: ZONES_MS });
  const failed = gateways.error ?? cameras.error ?? zones.error;
  if (failed !== null) {
    const retry = () => void Promise.all([gateways.refetch(), cameras.refetch(), zones.refetch()]);
    return <LoadFailed error={failed} retry={retry} />;
  }
  if (gateways.data === undefined || cameras.data === undefined) return <Skeleton h={220} />;
  if (gateways.data.length === 0) return <NoGateway />;
  return (
    <Stack gap="lg">
      <Summary gateways={gateways.data} cameras={cameras.data} />
      <Sites />
      <Selection gateways={gateways.data} cameras={cameras.data}>
        {(chosen) => (
          <>
            <Cameras cameras={chosen.cameras} zones={zones.data ?? []} live={live} mayAct={mayAct} />
            <Gateways gateways={chosen.gateways} />
          </>
        )}
      </Selection>
    </Stack>
  );
}

interface Chosen {
  readonly gateways: Gateway[];
  readonly cameras: Camera[];
}

/** Of a large fleet, what needs attention, or one site; a small one is shown whole. */
function Selection({ gateways, cameras, children }: Chosen & { children: (chosen: Chosen) => ReactNode }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState<string | null>(null);
  if (cameras.length <= SHOWN_WHOLE && gateways.length <= SHOWN_WHOLE) return children({ gateways, cameras });
  const sites = [...new Set(gateways.map(({ site }) => site.name))].sort();
  const shown = wanted ?? ATTENTION;
  const chosen = {
    [ATTENTION]: {
      gateways: gateways.filter(({ status }) => status !== 'online'),
      cameras: cameras.filter(({ state }) => state !== 'streaming' && state !== 'disabled'),
    },
    [EVERYTHING]: { gateways, cameras },
  }[shown] ?? {
    gateways: gateways.filter(({ site }) => site.name === shown),
    cameras: cameras.filter(({ site }) => site === shown),
  };
  return (
    <>
      <NativeSelect
        label={t('fleet.show')}
        maw={360}
        value={shown}
        onChange={(event) => setWanted(event.currentTarget.value)}
        data={[
          { value: ATTENTION, label: t('fleet.attention') },
          ...sites.map((site) => ({ value: site, label: site })),
          { value: EVERYTHING, label: t('fleet.everything') },
        ]}
      />
      {shown === ATTENTION && chosen.gateways.length + chosen.cameras.length === 0 ? (
        <Text>{t('fleet.allWell')}</Text>
      ) : (
        children(chosen)
      )}
    </>
  );
}

function Summary({ gateways, cameras }: { gateways: Gateway[]; cameras: Camera[] }) {
  const { t } = useTranslation();
  const gatewaysOnline = gateways.filter(({ status }) => status === 'online').length;
  const camerasStreaming = cameras.filter(({ state }) => state === 'streaming').length;
  const fine = gatewaysOnline === gateways.length && camerasStreaming === cameras.length;
  const numbers = { gatewaysOnline, gateways: gateways.length, camerasStreaming, cameras: cameras.length };
  return (
    <Alert color={fine ? 'teal' : 'orange'} data-testid="summary">
      <Group gap="xs">
        <Text span aria-hidden>
          {fine ? '✔' : '▲'}
        </Text>
        <Text fw={600}>{t('fleet.summary', numbers)}</Text>
      </Group>
    </Alert>
  );
}

function Cameras({
  cameras,
  zones,
  live,
  mayAct,
}: {
  cameras: Camera[];
  zones: ZoneToday[];
  live: LiveState;
  mayAct: boolean;
}) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('fleet.cameras')}>
      <Title order={2} size="h4" mb="sm">
        {t('fleet.cameras')}
      </Title>
      {cameras.length === 0 && <Text c="dimmed">{t('fleet.noCameras')}</Text>}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {cameras.map((camera) => (
          <CameraCard
            key={cameraKey(camera.gateway, camera.id)}
            camera={camera}
            mayAct={mayAct}
            zones={zones.filter((zone) => zone.gateway === camera.gateway && zone.camera === camera.id)}
            live={live.get(cameraKey(camera.gateway, camera.id))}
          />
        ))}
      </SimpleGrid>
    </section>
  );
}

function Gateways({ gateways }: { gateways: Gateway[] }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('fleet.gateways')}>
      <Title order={2} size="h4" mb="sm">
        {t('fleet.gateways')}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {gateways.map((gateway) => (
          <GatewayCard key={gateway.name} gateway={gateway} />
        ))}
      </SimpleGrid>
    </section>
  );
}

function NoGateway() {
  const { t } = useTranslation();
  return (
    <Card withBorder data-testid="no-gateway">
      <Title order={2} size="h4">
        {t('fleet.empty')}
      </Title>
      <Text my="sm">{t('fleet.emptyHint')}</Text>
      <Code block>headcount-collector gateway add lobby --site main --time-zone Asia/Ho_Chi_Minh</Code>
    </Card>
  );
}
