import { Button, Fieldset, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Rotation } from '../../schema/oncall.js';
import { fieldError } from '../field-errors.js';
import { MemberOrder } from './member-order.js';
import { OfficeHours } from './office-hours.js';

const KINDS = ['hours', 'days', 'weeks', 'months'] as const;
/** Fields of a rotation at which errors are shown. */
export const ROTATION_FIELDS = ['kind', 'length', 'start', 'members', 'hours'] as const;

/** Weeks from today at 09:00 on, everybody in turn. */
export function newRotation(members: readonly string[]): Rotation {
  const today = new Intl.DateTimeFormat('sv').format(Date.now());
  return { kind: 'weeks', length: 1, start: `${today}T09:00`, members: [...members], hours: null };
}

interface RotationFieldsProps {
  readonly rotation: Rotation;
  readonly title: string;
  /** Of the team. */
  readonly people: readonly string[];
  readonly error: Error | null;
  /** Where the API names its errors. */
  readonly path: string;
  readonly onChange: (rotation: Rotation) => void;
  readonly onRemove: () => void;
}

/** Who takes turns in which order, how long a turn lasts, from when on and in which hours. */
export function RotationFields({
  rotation,
  title,
  people,
  error,
  path,
  onChange,
  onRemove,
}: RotationFieldsProps) {
  const { t } = useTranslation();
  const { kind, length, start, members, hours } = rotation;
  const wrong = (field: (typeof ROTATION_FIELDS)[number]) => fieldError(error, `${path}.${field}`);
  return (
    <Fieldset legend={title} p="xs">
      <Stack gap="sm">
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <TextInput
            type="number"
            label={t('teams.length')}
            required
            value={length === 0 ? '' : length}
            error={wrong('length')}
            onChange={(event) => onChange({ ...rotation, length: Number(event.currentTarget.value) })}
          />
          <NativeSelect
            label={t('teams.kind')}
            data={KINDS.map((value) => ({ value, label: t(`teams.kind-${value}`) }))}
            value={kind}
            error={wrong('kind')}
            onChange={(event) =>
              onChange({
                ...rotation,
                kind: KINDS.find((one) => one === event.currentTarget.value) ?? kind,
              })
            }
          />
          <TextInput
            type="datetime-local"
            label={t('teams.start')}
            required
            value={start}
            error={wrong('start')}
            onChange={(event) => onChange({ ...rotation, start: event.currentTarget.value })}
          />
        </Group>
        <MemberOrder
          {...{ people, members }}
          error={wrong('members')}
          onChange={(next) => onChange({ ...rotation, members: next })}
        />
        <OfficeHours
          hours={hours}
          error={error}
          path={`${path}.hours`}
          onChange={(next) => onChange({ ...rotation, hours: next })}
        />
        <Button variant="default" mih={44} maw={260} onClick={onRemove}>
          {t('teams.removeRotation')}
        </Button>
      </Stack>
    </Fieldset>
  );
}
