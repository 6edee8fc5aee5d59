import { Checkbox, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Rotation } from '../../schema/oncall.js';
import { fieldError } from '../field-errors.js';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** What most who ask for office hours mean. */
const USUAL = '08:00-17:00';
const WORKDAYS = DAYS.slice(0, 5);

interface OfficeHoursProps {
  readonly hours: Rotation['hours'];
  readonly error: Error | null;
  /** Where the API names its errors. */
  readonly path: string;
  readonly onChange: (hours: Rotation['hours']) => void;
}

/** The hours of the week in which a rotation is on duty; always, unless it is chosen. */
export function OfficeHours({ hours, error, path, onChange }: OfficeHoursProps) {
  const { t } = useTranslation();
  const change = (day: (typeof DAYS)[number], text: string) => {
    const others = Object.entries(hours ?? {}).filter(([one]) => one !== day);
    onChange(Object.fromEntries(text === '' ? others : [...others, [day, text]]));
  };
  return (
    <Stack gap="xs">
      <Checkbox
        label={t('teams.hours')}
        checked={hours !== null}
        onChange={(event) =>
          onChange(
            event.currentTarget.checked ? Object.fromEntries(WORKDAYS.map((day) => [day, USUAL])) : null,
          )
        }
      />
      {hours !== null && (
        <>
          <Text size="xs" c="dimmed">
            {t('teams.hoursHint')}
          </Text>
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="xs">
            {DAYS.map((day) => (
              <TextInput
                key={day}
                label={t(`teams.day-${day}`)}
                value={hours[day] ?? ''}
                error={fieldError(error, `${path}.${day}`)}
                onChange={(event) => change(day, event.currentTarget.value)}
              />
            ))}
          </SimpleGrid>
        </>
      )}
    </Stack>
  );
}
