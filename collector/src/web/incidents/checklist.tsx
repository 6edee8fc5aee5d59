import { Checkbox, Stack, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { IncidentDetail } from '../../schema/incidents.js';
import { dateTimeWithZone } from '../format.js';
import { Problem } from '../problem.js';
import { tickStep } from './incidents-api.js';
import { inLanguage } from './words.js';

/** The runbook's steps as they were when the incident began, and who did which. */
export function Checklist({ incident, mayAct }: { incident: IncidentDetail; mayAct: boolean }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const tick = useMutation({
    mutationFn: ({ position, done }: { position: number; done: boolean }) =>
      tickStep(incident.id, position, done),
    onSettled: () => queries.invalidateQueries({ queryKey: ['incidents', incident.id] }),
  });
  if (incident.steps.length === 0) return null;
  return (
    <Stack component="section" gap="xs" aria-label={t('incident.checklist')}>
      <Title order={3} size="h5">
        {t('incident.checklist')}
      </Title>
      <Problem error={tick.error} />
      {incident.steps.map(({ position, text, doneAt, doneBy }) => (
        <Checkbox
          key={position}
          size="md"
          disabled={!mayAct || incident.status === 'closed'}
          label={`${position + 1}. ${inLanguage(text, i18n.language)}`}
          description={
            doneAt !== null && doneBy !== null
              ? t('incident.ticked', {
                  name: doneBy,
                  time: dateTimeWithZone(doneAt, i18n.language, incident.timeZone),
                })
              : undefined
          }
          checked={doneAt !== null}
          onChange={(event) => tick.mutate({ position, done: event.currentTarget.checked })}
        />
      ))}
    </Stack>
  );
}
