import { Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Gateway } from '../../schema/api.js';
import { dateTimeWithZone, number } from '../format.js';
import { ConnectionDetails } from './connection-details.js';
import { StateBadge } from './state-badge.js';
import { Uptime } from './uptime.js';

const LOOK = { online: 'good', stopped: 'neutral', offline: 'bad', 'never-seen': 'neutral' } as const;

/** One gateway: is it there, since when, and how its machine does. */
export function GatewayCard({ gateway }: { gateway: Gateway }) {
  const { t, i18n } = useTranslation();
  const { name, status, since, version, site, certificateExpiresAt, host } = gateway;
  return (
    <Card withBorder data-testid="gateway" data-status={status}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={3} size="h5">
            {name}
          </Title>
          <StateBadge look={LOOK[status]}>{t(`status.${status}`)}</StateBadge>
        </Group>
        <Text size="sm" c="dimmed">
          {[
            since === null
              ? undefined
              : t('fleet.since', { time: dateTimeWithZone(since, i18n.language, site.timeZone) }),
            version === null ? undefined : t('fleet.version', { version }),
            t('fleet.site', { site: site.name, zone: site.timeZone }),
            certificateExpiresAt === null
              ? undefined
              : t('fleet.certificate', {
                  time: dateTimeWithZone(certificateExpiresAt, i18n.language, site.timeZone),
                }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
        <Uptime of={({ gateways }) => gateways.find((one) => one.name === name)} />
        {host !== null && <Host host={host} />}
        <ConnectionDetails gateway={gateway} />
      </Stack>
    </Card>
  );
}

function Host({ host }: { host: NonNullable<Gateway['host']> }) {
  const { t, i18n } = useTranslation();
  const unit = (value: number | null, text: string, digits = 0) =>
    value === null ? t('fleet.unknown') : `${number(value, i18n.language, digits)}${text}`;
  const values = [
    { label: t('fleet.cpu'), value: unit(host.cpuPercent, ' %') },
    { label: t('fleet.memory'), value: unit(host.memoryPercent, ' %') },
    { label: t('fleet.disk'), value: unit(host.diskPercent, ' %') },
    { label: t('fleet.temperature'), value: unit(host.temperatureCelsius, ' °C') },
    { label: t('fleet.waiting'), value: unit(host.outboxRecords, '') },
  ];
  return (
    <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="xs" component="dl" m={0}>
      {values.map(({ label, value }) => (
        <div key={label}>
          <Text component="dt" size="xs" c="dimmed">
            {label}
          </Text>
          <Text component="dd" m={0} className="number">
            {value}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  );
}
