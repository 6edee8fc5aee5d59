import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Gateway } from '../../schema/api.js';
import type { Connection } from '../../schema/connection.js';
import { fetchConnection } from '../api.js';
import { dateTimeWithZone, number, timeWithZone } from '../format.js';

/** While somebody looks (ms). */
const REFRESH_MS = 5000;

/** How a gateway is connected and what it sends, for whoever opens it: a fleet has thousands of gateways. */
export function ConnectionDetails({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="connection">
      <Text component="summary" size="sm" style={{ cursor: 'pointer' }}>
        {t('connection.title')}
      </Text>
      {open && <Details gateway={gateway} />}
    </details>
  );
}

function Details({ gateway: { name, site } }: { gateway: Gateway }) {
  const { t, i18n } = useTranslation();
  const { data, error } = useQuery({
    queryKey: ['connection', name],
    queryFn: () => fetchConnection(name),
    refetchInterval: REFRESH_MS,
  });
  if (error !== null) return <Text size="sm">{t('connection.failed')}</Text>;
  if (data === undefined) return <Skeleton h={60} mt="xs" />;
  const { language } = i18n;
  const { countingSince, lastPacketAt, connects, refused, slowedMs } = data;
  const zone = site.timeZone;
  const traffic = (messages: number, bytes: number) =>
    t('connection.traffic', { messages: number(messages, language), size: size(bytes, language) });
  return (
    <Stack gap={2} mt="xs">
      <Way connection={data} zone={zone} />
      <Text size="sm">
        {t('connection.received', { traffic: traffic(data.messagesIn, data.bytesIn) })}
        {lastPacketAt !== null &&
          ` (${t('connection.last', { time: timeWithZone(lastPacketAt, language, zone) })})`}
      </Text>
      <Text size="sm">{t('connection.sent', { traffic: traffic(data.messagesOut, data.bytesOut) })}</Text>
      <Text size="sm">
        {t('connection.counts', { connects: number(connects, language), refused: number(refused, language) })}
        {slowedMs > 0 && `; ${t('connection.slowed', { seconds: number(slowedMs / 1000, language, 1) })}`}
      </Text>
      <Text size="xs" c="dimmed">
        {t('connection.note', { time: dateTimeWithZone(countingSince, language, zone) })}
      </Text>
    </Stack>
  );
}

/** By what way it is connected, in one line. */
function Way({ connection: { connected }, zone }: { connection: Connection; zone: string }) {
  const { t, i18n } = useTranslation();
  if (connected === null) return <Text size="sm">{t('connection.none')}</Text>;
  const { protocol, login, address, since } = connected;
  const time = dateTimeWithZone(since, i18n.language, zone);
  const parts = [t(`connection.${protocol}`), t(`connection.${login}`), address, t('fleet.since', { time })];
  return <Text size="sm">{parts.filter(Boolean).join(' · ')}</Text>;
}

/** Bytes as a person reads them: "12 kB", "3.4 MB". */
function size(bytes: number, language: string): string {
  const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const step = Math.min(steps.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(language, {
    ...{ style: 'unit', unit: steps[step] ?? 'byte', unitDisplay: step === 0 ? 'long' : 'short' },
    maximumFractionDigits: 1,
  }).format(bytes / 1000 ** step);
}
