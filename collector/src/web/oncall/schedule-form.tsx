import { Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewSchedule, Rotation, Team } from '../../schema/oncall.js';
import { ConfirmButton } from '../confirm-button.js';
import { fieldError, restOf } from '../field-errors.js';
import { Problem } from '../problem.js';
import { useTrial } from '../use-trial.js';
import { previewSchedule, removeSchedule, saveSchedule } from './oncall-api.js';
import { newRotation, ROTATION_FIELDS, RotationFields } from './rotation-fields.js';
import { PreviewTable } from './schedule-preview.js';

interface ScheduleFormProps {
  readonly team: Team;
  readonly level: 1 | 2 | 3 | 4;
  readonly onDone: () => void;
}

/** Zone and rotations of a level; saved once its next two weeks were shown. */
export function ScheduleForm({ team, level, onDone }: ScheduleFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const stored = team.schedules.find((one) => one.level === level);
  const [schedule, setSchedule] = useState<NewSchedule>(() => ({
    timeZone: stored?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    rotations: stored?.rotations ?? [newRotation(team.members)],
  }));
  const preview = useTrial(schedule, (one) => previewSchedule(team.name, level, one));
  const onSuccess = async () => {
    await queries.invalidateQueries({ queryKey: ['on-call'] });
    onDone();
  };
  const save = useMutation({ mutationFn: () => saveSchedule(team.name, level, schedule), onSuccess });
  const remove = useMutation({ mutationFn: () => removeSchedule(team.name, level), onSuccess });
  const mayBeSaved = preview.result !== undefined;
  const error = save.error ?? preview.error;
  return (
    <Card withBorder p="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (mayBeSaved) save.mutate();
          else preview.run();
        }}
      >
        <Stack data-testid="schedule-form">
          <Title order={5} size="h6">
            {team.title}, L{level} {t(`oncall.level.${level}`)}
          </Title>
          <Zone
            value={schedule.timeZone}
            error={fieldError(error, 'timeZone')}
            onChange={(timeZone) => setSchedule({ ...schedule, timeZone })}
          />
          <Rotations
            {...{ team, error }}
            value={schedule.rotations}
            onChange={(rotations) => setSchedule({ ...schedule, rotations })}
          />
          <Problem error={restOf(error, fieldsOf(schedule)) ?? remove.error} />
          {preview.result !== undefined && (
            <PreviewTable
              preview={preview.result}
              zone={schedule.timeZone}
              where={`${team.title}, L${level}`}
            />
          )}
          {!mayBeSaved && (
            <Text size="sm" c="dimmed">
              {t('teams.previewFirst')}
            </Text>
          )}
          <Group>
            {/* Enter shows what was not shown yet: a form is sent by its first button that sends. */}
            <Button
              variant="default"
              mih={44}
              type={mayBeSaved ? 'button' : 'submit'}
              loading={preview.isPending}
              {...(mayBeSaved && { onClick: preview.run })}
            >
              {t('teams.preview')}
            </Button>
            <Button type="submit" mih={44} disabled={!mayBeSaved} loading={save.isPending}>
              {t('teams.saveSchedule')}
            </Button>
            <Button variant="default" mih={44} onClick={onDone}>
              {t('teams.cancel')}
            </Button>
            {stored !== undefined && (
              <ConfirmButton
                label={t('teams.removeSchedule')}
                question={t('teams.removeScheduleAsk', { level })}
                loading={remove.isPending}
                onConfirm={() => remove.mutate()}
              />
            )}
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

/** Fields at which errors are shown. */
function fieldsOf({ rotations }: NewSchedule): string[] {
  const own = rotations.flatMap((_, index) => ROTATION_FIELDS.map((field) => `rotations.${index}.${field}`));
  return ['timeZone', ...own];
}

interface ZoneProps {
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (zone: string) => void;
}

function Zone({ value, error, onChange }: ZoneProps) {
  const { t } = useTranslation();
  const list = useId();
  return (
    <>
      <TextInput
        label={t('teams.zone')}
        description={t('teams.zoneHint')}
        required
        autoFocus
        maw={360}
        list={list}
        {...{ value, error }}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={list}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}

interface RotationsProps {
  readonly team: Team;
  readonly error: Error | null;
  readonly value: Rotation[];
  readonly onChange: (rotations: Rotation[]) => void;
}

function Rotations({ team, error, value, onChange }: RotationsProps) {
  const { t } = useTranslation();
  return (
    <>
      <Text size="sm">{t('teams.rotationsHint')}</Text>
      {value.map((rotation, index) => (
        <RotationFields
          key={index}
          {...{ rotation, error }}
          path={`rotations.${index}`}
          title={t('teams.rotation', { number: index + 1 })}
          people={team.members}
          onChange={(next) => onChange(value.with(index, next))}
          onRemove={() => onChange(value.toSpliced(index, 1))}
        />
      ))}
      <Button
        variant="default"
        mih={44}
        maw={260}
        onClick={() => onChange([...value, newRotation(team.members)])}
      >
        {t('teams.addRotation')}
      </Button>
    </>
  );
}
