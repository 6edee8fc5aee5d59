import { Button, Card, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchVersions, restoreVersion } from '../api.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';
import { DifferenceList } from './differences.js';

/** What one gateway was asked for over time, and a way back. */
export function Versions({ gateways, mayChange }: { gateways: readonly string[]; mayChange: boolean }) {
  const { t } = useTranslation();
  const [gateway, setGateway] = useState('');
  return (
    <Stack component="section" aria-label={t('config.versions')} gap="sm">
      <Title order={3} size="h5">
        {t('config.versions')}
      </Title>
      <NativeSelect
        maw={320}
        label={t('config.gateway')}
        data={[
          { value: '', label: t('config.choose') },
          ...gateways.map((name) => ({ value: name, label: name })),
        ]}
        value={gateway}
        onChange={(event) => setGateway(event.currentTarget.value)}
      />
      {gateway !== '' && <VersionList key={gateway} gateway={gateway} mayChange={mayChange} />}
    </Stack>
  );
}

function VersionList({ gateway, mayChange }: { gateway: string; mayChange: boolean }) {
  const { t, i18n } = useTranslation();
  const versions = useQuery({ queryKey: ['versions', gateway], queryFn: () => fetchVersions(gateway) });
  const restore = useMutation({
    mutationFn: (version: number) => restoreVersion(gateway, version),
    onSuccess: () => void versions.refetch(),
  });
  if (versions.isError) return <LoadFailed error={versions.error} retry={() => void versions.refetch()} />;
  const all = versions.data ?? [];
  return (
    <>
      <Problem error={restore.error} />
      {versions.isSuccess && all.length === 0 && <Text c="dimmed">{t('config.noVersions')}</Text>}
      {all.map(({ version, author, at, note, changes }, index) => (
        <Card withBorder key={version} data-testid="version">
          <Group justify="space-between" align="flex-start">
            <div>
              <Text fw={600}>{t('config.version', { version })}</Text>
              <Text size="xs" c="dimmed">
                {t('config.by', { name: author, time: dateTimeWithZone(at, i18n.language) })}
                {note !== '' && ` · ${note}`}
              </Text>
            </div>
            {mayChange && index > 0 && (
              <Button
                variant="default"
                mih={44}
                onClick={() => restore.mutate(version)}
                loading={restore.isPending}
              >
                {t('config.restore')}
              </Button>
            )}
          </Group>
          <DifferenceList changes={changes} />
        </Card>
      ))}
    </>
  );
}
