import { Button, Card, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SEVERITIES, type Severity } from '../../schema/incident-words.js';
import { fetchGateways } from '../api.js';
import { Problem } from '../problem.js';
import { openIncident } from './incidents-api.js';

/** A person says that something is wrong. */
export function NewIncident() {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <Stack gap="sm" align="stretch">
      <Button
        variant="default"
        mih={44}
        aria-expanded={shown}
        onClick={() => setShown(!shown)}
        style={{ alignSelf: 'flex-start' }}
      >
        {t('incident.new')}
      </Button>
      {shown && <Form />}
    </Stack>
  );
}

function Form() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const gateways = useQuery({ queryKey: ['gateways'], queryFn: fetchGateways });
  const sites = [...new Set((gateways.data ?? []).map(({ site }) => site.name))].sort();
  const [title, setTitle] = useState('');
  const [severity, setSeverity] = useState<Severity>('high');
  const [asset, setAsset] = useState('');
  const [note, setNote] = useState('');
  const open = useMutation({
    mutationFn: () => openIncident({ title, severity, note, ...(asset !== '' && { asset }) }),
    onSuccess: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ['incidents'] });
      window.location.hash = `#incidents/${id}`;
    },
  });
  return (
    <Card withBorder component="section" aria-label={t('incident.new')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          open.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t('incident.title')}
            required
            maxLength={200}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <NativeSelect
            label={t('incident.severity')}
            description={t(`incident.severity-hint-${severity}`)}
            data={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
            value={severity}
            onChange={(event) => setSeverity(event.currentTarget.value as Severity)}
          />
          <NativeSelect
            label={t('incident.where')}
            data={[
              { value: '', label: t('incident.nowhere') },
              ...sites.map((site) => ({ value: site, label: site })),
            ]}
            value={asset}
            onChange={(event) => setAsset(event.currentTarget.value)}
          />
          <Textarea
            label={t('incident.known')}
            autosize
            minRows={2}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Problem error={open.error} />
          <Button type="submit" mih={44} loading={open.isPending}>
            {t('incident.open')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
