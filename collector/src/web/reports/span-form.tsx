import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { daysOf, PRESETS } from './days.js';
import type { Days } from './reports-api.js';

const ZONES = Intl.supportedValuesOf('timeZone');

/** Which days, on whose clock. */
export function SpanForm({ days, onChange }: { days: Days; onChange: (days: Days) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(days);
  const take = (next: Days) => {
    setTyped(next);
    onChange(next);
  };
  return (
    <form
      className="no-print"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(typed);
      }}
    >
      <Group gap="xs" mb="sm" role="group" aria-label={t('reports.presets')}>
        {PRESETS.map((preset) => (
          <Button
            key={preset}
            variant="default"
            mih={44}
            onClick={() => take(daysOf(preset, typed.zone, Date.now()))}
          >
            {t(`reports.${preset}`)}
          </Button>
        ))}
      </Group>
      <Group align="flex-end" gap="sm">
        {(['from', 'to'] as const).map((field) => (
          <TextInput
            key={field}
            type="date"
            required
            label={t(`reports.${field}`)}
            value={typed[field]}
            onChange={(event) => setTyped({ ...typed, [field]: event.currentTarget.value })}
          />
        ))}
        <TextInput
          required
          label={t('reports.zone')}
          list="report-zones"
          value={typed.zone}
          onChange={(event) => setTyped({ ...typed, zone: event.currentTarget.value })}
        />
        <datalist id="report-zones">
          {ZONES.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
        <Button type="submit" mih={44}>
          {t('reports.show')}
        </Button>
      </Group>
    </form>
  );
}
