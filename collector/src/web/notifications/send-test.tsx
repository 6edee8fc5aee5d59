import { Button, Card, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChannelKind } from '../../schema/notification-words.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';
import { fetchChannels, testChannel, testContact } from './api.js';

/** Test pages: to one's own contacts, and for administrators to any address of a channel. */
export function SendTest({ mayTestAny, onSent }: { mayTestAny: boolean; onSent: () => void }) {
  const { t } = useTranslation();
  const known = useQuery({ queryKey: ['notification-channels'], queryFn: fetchChannels });
  const own = useMutation({ mutationFn: testContact, onSuccess: onSent });
  if (known.isError) return <LoadFailed error={known.error} retry={() => void known.refetch()} />;
  if (known.data === undefined) return null;
  const { channels, contacts } = known.data;
  return (
    <Card withBorder component="section" aria-label={t('notifications.test')}>
      <Stack>
        <Title order={3} size="h5">
          {t('notifications.test')}
        </Title>
        {channels.length === 0 && <Text c="dimmed">{t('notifications.noChannel')}</Text>}
        {contacts.length > 0 && (
          <Group>
            {contacts.map(({ id, kind, address }) => (
              <Button
                key={id}
                variant="default"
                mih={44}
                disabled={!channels.includes(kind)}
                onClick={() => own.mutate(id)}
              >
                {t(`channel.${kind}`)}: {address}
              </Button>
            ))}
          </Group>
        )}
        <Problem error={own.error} />
        {mayTestAny && channels.length > 0 && <AnyTest channels={channels} onSent={onSent} />}
      </Stack>
    </Card>
  );
}

function AnyTest({ channels, onSent }: { channels: readonly ChannelKind[]; onSent: () => void }) {
  const { t, i18n } = useTranslation();
  const [kind, setKind] = useState<ChannelKind | undefined>(channels[0]);
  const [address, setAddress] = useState('');
  const language = i18n.language === 'vi' ? 'vi' : 'en';
  const test = useMutation({
    mutationFn: async () => {
      if (kind !== undefined) await testChannel({ kind, address, language });
    },
    onSuccess: onSent,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        test.mutate();
      }}
    >
      <Stack>
        <Group align="flex-end">
          <NativeSelect
            label={t('notifications.channel')}
            data={channels.map((value) => ({ value, label: t(`channel.${value}`) }))}
            value={kind}
            onChange={(event) => setKind(channels.find((channel) => channel === event.currentTarget.value))}
          />
          <TextInput
            label={t('notifications.address')}
            required
            maxLength={500}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <Button type="submit" mih={44} loading={test.isPending}>
            {t('notifications.send')}
          </Button>
        </Group>
        <Problem error={test.error} />
        <Text size="sm" role="status">
          {test.isSuccess ? t('notifications.sent') : ''}
        </Text>
      </Stack>
    </form>
  );
}
