import { Badge, Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { fetchPresets } from '../api.js';
import { LoadFailed } from '../load-failed.js';

/** Settings that many cameras share, and who uses them. */
export function Presets() {
  const { t } = useTranslation();
  const presets = useQuery({ queryKey: ['presets'], queryFn: fetchPresets });
  if (presets.isError) return <LoadFailed error={presets.error} retry={() => void presets.refetch()} />;
  return (
    <Stack component="section" aria-label={t('config.presets')} gap="sm">
      <Title order={3} size="h5">
        {t('config.presets')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('config.presetsHint')}
      </Text>
      <Table.ScrollContainer minWidth={520}>
        <Table data-testid="presets">
          <Table.Tbody>
            {(presets.data ?? []).map(({ name, note, url, camera, gateways }) => {
              const behind = gateways.filter((gateway) => gateway.behind).length;
              return (
                <Table.Tr key={name}>
                  <Table.Td>
                    <Text fw={600} size="sm">
                      {name}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {note}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {url !== undefined && <Code>{url}</Code>}
                    <Text size="xs">
                      {Object.entries(camera)
                        .map(([field, value]) => `${field}: ${JSON.stringify(value)}`)
                        .join(', ')}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Group gap="xs">
                      <Text size="sm">{t('config.users', { gateways: gateways.length })}</Text>
                      {behind > 0 && (
                        <Badge color="orange.9" variant="filled">
                          {t('config.behind', { gateways: behind })}
                        </Badge>
                      )}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}
