import { Alert, Button, Group, NativeSelect, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DENSITIES, LIGHTS, MAX_NOTE_LENGTH, type Density, type Light } from '../../schema/audit-terms.js';
import { sendTally } from '../api.js';
import { Problem } from '../problem.js';
import { totalsOf, type Tally } from './tally-state.js';

/** Say how it was and send it; it stays in this browser until the collector has it. */
export function TallyReview({ tally, onDone }: { tally: Tally; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [light, setLight] = useState<Light | ''>('');
  const [density, setDensity] = useState<Density | ''>('');
  const [note, setNote] = useState('');
  const [discarding, setDiscarding] = useState(false);
  const { id, line, startsAt: from, endsAt: to, crossings } = tally;
  const { gateway, camera } = line;
  const send = useMutation({
    mutationFn: () =>
      sendTally({
        ...{ id, gateway, camera, line: line.line, from, to, crossings: [...crossings], note },
        ...{ light: light || null, density: density || null },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['accuracy'] });
      onDone();
    },
  });
  return (
    <Stack gap="sm">
      <Text role="status" fw={600} data-testid="tally-result">
        {t('tally.over', { ...totalsOf(tally), minutes: (to - from) / 60_000 })}
      </Text>
      <Group grow align="flex-end">
        <NativeSelect
          label={t('tally.light')}
          value={light}
          onChange={(event) => setLight(event.currentTarget.value as Light | '')}
          data={choices(LIGHTS, (name) => t(`tally.light-${name}`), t('tally.unknown'))}
        />
        <NativeSelect
          label={t('tally.density')}
          value={density}
          onChange={(event) => setDensity(event.currentTarget.value as Density | '')}
          data={choices(DENSITIES, (name) => t(`tally.density-${name}`), t('tally.unknown'))}
        />
      </Group>
      <Textarea
        label={t('tally.note')}
        maxLength={MAX_NOTE_LENGTH}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Problem error={send.error} />
      <Group grow>
        <Button mih={52} loading={send.isPending} onClick={() => send.mutate()}>
          {t('tally.send')}
        </Button>
        <Button variant="default" mih={52} disabled={send.isPending} onClick={() => setDiscarding(true)}>
          {t('tally.discard')}
        </Button>
      </Group>
      {discarding && (
        <Alert color="red" role="alert" title={t('tally.really')}>
          <Group grow>
            <Button color="red.9" mih={44} onClick={onDone}>
              {t('tally.discard-really')}
            </Button>
            <Button variant="default" mih={44} onClick={() => setDiscarding(false)}>
              {t('tally.keep')}
            </Button>
          </Group>
        </Alert>
      )}
    </Stack>
  );
}

function choices<T extends string>(names: readonly T[], label: (name: T) => string, unknown: string) {
  return [{ value: '', label: unknown }, ...names.map((name) => ({ value: name, label: label(name) }))];
}
