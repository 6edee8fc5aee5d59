import { Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { fetchGateways } from '../api.js';
import { LoadFailed } from '../load-failed.js';
import { Enrol } from './enrol.js';
import { NewRollout } from './new-rollout.js';
import { Presets } from './presets.js';
import { Rollouts } from './rollouts.js';
import { Versions } from './versions.js';

/** What gateways are configured like: roll-outs, versions of one gateway, and presets. */
export function ConfigPage({ mayChange }: { mayChange: boolean }) {
  const { t } = useTranslation();
  const gateways = useQuery({ queryKey: ['gateways'], queryFn: fetchGateways });
  if (gateways.isError) return <LoadFailed error={gateways.error} retry={() => void gateways.refetch()} />;
  const all = gateways.data ?? [];
  return (
    <Stack gap="lg" data-testid="config">
      <Title order={2} size="h4">
        {t('config.title')}
      </Title>
      {mayChange && <Enrol />}
      {mayChange && <NewRollout sites={[...new Set(all.map(({ site }) => site.name))]} />}
      <Rollouts mayChange={mayChange} />
      <Versions gateways={all.map(({ name }) => name)} mayChange={mayChange} />
      <Presets />
    </Stack>
  );
}
