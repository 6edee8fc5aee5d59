import { Badge, Button, Card, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OwnContact } from '../../schema/contacts.js';
import { CHANNEL_KINDS, type ChannelKind } from '../../schema/notification-words.js';
import { LANGUAGES } from '../i18n.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';
import {
  addContact,
  changeContact,
  fetchContacts,
  removeContact,
  sendCode,
  verifyContact,
} from './oncall-api.js';

const QUERY = ['account', 'contacts'] as const;

/** Where whoever is logged in can be reached, and the proof that the addresses are theirs. */
export function Contacts() {
  const { t } = useTranslation();
  const contacts = useQuery({ queryKey: QUERY, queryFn: fetchContacts });
  if (contacts.isError) return <LoadFailed error={contacts.error} retry={() => void contacts.refetch()} />;
  return (
    <Card withBorder component="section" aria-label={t('contacts.title')} data-testid="contacts">
      <Stack>
        <Title order={3} size="h5">
          {t('contacts.title')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('contacts.hint')}
        </Text>
        {contacts.data?.length === 0 && <Text size="sm">{t('contacts.none')}</Text>}
        {contacts.data?.map((contact) => (
          <ContactRow key={contact.id} contact={contact} />
        ))}
        <NewContact />
      </Stack>
    </Card>
  );
}

function useRefresh() {
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: QUERY });
    await queries.invalidateQueries({ queryKey: ['on-call'] });
  };
}

function ContactRow({ contact }: { contact: OwnContact }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const { id, kind, address, verifiedAt, disabledReason } = contact;
  const change = useMutation({
    mutationFn: (enabled: boolean) => changeContact(id, { enabled }),
    onSuccess: refresh,
  });
  const remove = useMutation({ mutationFn: () => removeContact(id), onSuccess: refresh });
  const state = verifiedAt === null ? 'unverified' : disabledReason === null ? 'verified' : 'disabled';
  const color = { unverified: 'orange.9', verified: 'teal.9', disabled: 'gray.7' }[state];
  return (
    <Card withBorder p="sm" data-testid={`contact-${address}`}>
      <Stack gap="xs">
        <Group justify="space-between">
          <div>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {address}
            </Text>
            <Text size="xs" c="dimmed">
              {t(`oncall.kind.${kind}`)}, {LANGUAGES.find(({ value }) => value === contact.language)?.label}
            </Text>
          </div>
          <Badge color={color} variant="filled">
            {t(`contacts.${state}`)}
          </Badge>
        </Group>
        {verifiedAt === null && <Verification id={id} />}
        <Group gap="xs">
          {verifiedAt !== null && (
            <Button variant="default" mih={44} onClick={() => change.mutate(disabledReason !== null)}>
              {disabledReason === null ? t('contacts.turnOff') : t('contacts.turnOn')}
            </Button>
          )}
          <Button variant="default" mih={44} onClick={() => remove.mutate()}>
            {t('contacts.remove')}
          </Button>
        </Group>
        <Problem error={change.error ?? remove.error} />
      </Stack>
    </Card>
  );
}

function Verification({ id }: { id: string }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [code, setCode] = useState('');
  const ask = useMutation({ mutationFn: () => sendCode(id) });
  const confirm = useMutation({ mutationFn: () => verifyContact(id, code), onSuccess: refresh });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask.reset();
        confirm.mutate();
      }}
    >
      <Stack gap="xs">
        <Group align="flex-end" gap="xs">
          <Button
            variant="default"
            mih={44}
            loading={ask.isPending}
            onClick={() => {
              confirm.reset();
              ask.mutate();
            }}
          >
            {t('contacts.sendCode')}
          </Button>
          <TextInput
            label={t('contacts.code')}
            required
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9]{6}"
            maxLength={6}
            w={140}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <Button type="submit" mih={44} loading={confirm.isPending}>
            {t('contacts.verify')}
          </Button>
        </Group>
        {ask.isSuccess && <Text size="sm">{t('contacts.sent')}</Text>}
        <Problem error={ask.error ?? confirm.error} />
      </Stack>
    </form>
  );
}

function NewContact() {
  const { t, i18n } = useTranslation();
  const refresh = useRefresh();
  const [kind, setKind] = useState<ChannelKind>('email');
  const [address, setAddress] = useState('');
  const [language, setLanguage] = useState(i18n.language === 'vi' ? 'vi' : 'en');
  const add = useMutation({
    mutationFn: () => addContact({ kind, address, language: language === 'vi' ? 'vi' : 'en' }),
    onSuccess: async () => {
      setAddress('');
      await refresh();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Stack gap="xs">
        <Group align="flex-start" gap="xs">
          <NativeSelect
            label={t('contacts.kind')}
            data={CHANNEL_KINDS.map((value) => ({ value, label: t(`oncall.kind.${value}`) }))}
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as ChannelKind)}
          />
          <TextInput
            label={t('contacts.address')}
            description={t(`contacts.example.${kind}`)}
            inputWrapperOrder={['label', 'input', 'description']}
            required
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <NativeSelect
            label={t('contacts.language')}
            data={LANGUAGES.map(({ value, label }) => ({ value, label }))}
            value={language}
            onChange={(event) => setLanguage(event.currentTarget.value)}
          />
        </Group>
        <Problem error={add.error} />
        <Button type="submit" mih={44} maw={260} loading={add.isPending}>
          {t('contacts.add')}
        </Button>
      </Stack>
    </form>
  );
}
