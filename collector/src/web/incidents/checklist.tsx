import { Anchor, Box, Checkbox, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lexer } from 'marked';
import { Fragment, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentDetail } from '../../schema/incidents.js';
import { dateTimeWithZone } from '../format.js';
import { Blocks, Inline } from '../handbook/markdown.js';
import { RunbookLink } from '../handbook/runbook-link.js';
import { Problem } from '../problem.js';
import { tickStep } from './incidents-api.js';
import { inLanguage } from './words.js';

type StepOf = IncidentDetail['steps'][number];

/** The runbooks, each with its steps as they were when it came to the incident, and who did which. */
export function Checklist({ incident, mayAct }: { incident: IncidentDetail; mayAct: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const tick = useMutation({
    mutationFn: ({ position, done }: { position: number; done: boolean }) =>
      tickStep(incident.id, position, done),
    onSettled: () => queries.invalidateQueries({ queryKey: ['incidents', incident.id] }),
  });
  if (incident.steps.length === 0) return <NoSteps runbook={incident.runbook} />;
  return (
    <Stack component="section" gap="xs" aria-label={t('incident.checklist')}>
      <Title order={3} size="h5">
        {t('incident.checklist')}
      </Title>
      {!incident.steps.some(({ runbook }) => runbook === incident.runbook) && (
        <RunbookLink runbook={incident.runbook} />
      )}
      <Problem error={tick.error} />
      {incident.steps.map((step, index) => (
        <Fragment key={step.position}>
          {step.runbook !== '' && step.runbook !== incident.steps[index - 1]?.runbook && (
            <Group gap="xs">
              <RunbookLink runbook={step.runbook} />
              <Text size="sm" c="dimmed">
                {step.runbook}
              </Text>
            </Group>
          )}
          <Step
            step={step}
            timeZone={incident.timeZone}
            disabled={!mayAct || incident.status === 'closed'}
            onTick={(done) => tick.mutate({ position: step.position, done })}
          />
        </Fragment>
      ))}
    </Stack>
  );
}

/** A runbook of somebody else, or none: then the handbook helps to find one. */
function NoSteps({ runbook }: { runbook: string }) {
  const { t } = useTranslation();
  if (runbook !== '') return <RunbookLink runbook={runbook} />;
  return <Anchor href="#handbook">{t('handbook.find')}</Anchor>;
}

interface StepProps {
  readonly step: StepOf;
  readonly timeZone: string;
  readonly disabled: boolean;
  readonly onTick: (done: boolean) => void;
}

/** One step: its words beside the box, its commands below, where a click ticks nothing. */
function Step({ step: { position, text, doneAt, doneBy }, timeZone, disabled, onTick }: StepProps) {
  const { t, i18n } = useTranslation();
  const markdown = inLanguage(text, i18n.language);
  const [first, ...more] = useMemo(() => lexer(markdown), [markdown]);
  return (
    <div>
      <Checkbox
        size="md"
        disabled={disabled}
        label={
          <Text component="span" inherit style={{ overflowWrap: 'anywhere' }}>
            {position + 1}. {first !== undefined && <Inline tokens={[first]} />}
          </Text>
        }
        description={
          doneAt !== null && doneBy !== null
            ? t('incident.ticked', { name: doneBy, time: dateTimeWithZone(doneAt, i18n.language, timeZone) })
            : undefined
        }
        checked={doneAt !== null}
        onChange={(event) => onTick(event.currentTarget.checked)}
      />
      {more.length > 0 && (
        <Box pl={36}>
          <Blocks tokens={more} />
        </Box>
      )}
    </div>
  );
}
