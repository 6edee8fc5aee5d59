import { Button, NativeSelect, Stack, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isWorse, SEVERITIES, type Severity } from '../../schema/incident-words.js';
import type { IncidentDetail } from '../../schema/incidents.js';
import { fetchIncidents } from './incidents-api.js';
import { inLanguage } from './words.js';

/** Actions that need words. */
export type ActionName = 'note' | 'mitigate' | 'resolve' | 'regress' | 'reopen' | 'severity' | 'merge';

interface FormProps {
  readonly name: ActionName;
  readonly incident: IncidentDetail;
  readonly pending: boolean;
  readonly onSend: (body: object) => void;
}

/** What an action asks for. */
export function ActionForm({ name, incident, pending, onSend }: FormProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [severity, setSeverity] = useState<Severity | ''>('');
  const [into, setInto] = useState('');
  const lower = severity !== '' && isWorse(incident.severity, severity);
  const bodies: Readonly<Record<ActionName, object>> = {
    ...{ note: { text }, mitigate: { text }, regress: { text }, resolve: { reason: text } },
    ...{ reopen: { reason: text }, severity: { severity, reason: text }, merge: { into } },
  };
  return (
    <form
      aria-label={t(`incident.${name}`)}
      onSubmit={(event) => {
        event.preventDefault();
        onSend(bodies[name]);
      }}
    >
      <Stack gap="sm">
        {name === 'severity' && (
          <NativeSelect
            label={t('incident.severity')}
            required
            data={[
              { value: '', label: t('incident.choose') },
              ...SEVERITIES.filter((one) => one !== incident.severity).map((value) => ({
                ...{ value, label: t(`severity.${value}`) },
              })),
            ]}
            value={severity}
            onChange={(event) => setSeverity(event.currentTarget.value as Severity | '')}
          />
        )}
        {name === 'merge' && <MergeTarget incident={incident} value={into} onChange={setInto} />}
        {name !== 'merge' && (
          <Textarea
            label={t(`incident.ask-${name}`)}
            required={name !== 'severity' || lower}
            autosize
            minRows={2}
            maxLength={4000}
            autoFocus
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <Button type="submit" mih={44} loading={pending}>
          {t(`incident.do-${name}`)}
        </Button>
      </Stack>
    </form>
  );
}

interface TargetProps {
  readonly incident: IncidentDetail;
  readonly value: string;
  readonly onChange: (id: string) => void;
}

function MergeTarget({ incident, value, onChange }: TargetProps) {
  const { t, i18n } = useTranslation();
  const filter = { status: 'open', severity: '' } as const;
  const others = useQuery({
    queryKey: ['incidents', 'open'],
    queryFn: () => fetchIncidents(filter, ''),
  });
  const choices = (others.data?.incidents ?? []).filter(({ id }) => id !== incident.id);
  return (
    <NativeSelect
      label={t('incident.ask-merge')}
      required
      data={[
        { value: '', label: t('incident.choose') },
        ...choices.map(({ id, title }) => ({
          value: id,
          label: `${id} · ${inLanguage(title, i18n.language)}`,
        })),
      ]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
