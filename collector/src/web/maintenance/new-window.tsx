import { Button, Card, Checkbox, NativeSelect, Skeleton, Stack, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { instantOf } from '../../counts/zone.js';
import type { NewWindow } from '../../schema/maintenance.js';
import { addMaintenance, fetchCameras, fetchGateways } from '../api.js';
import { Problem } from '../problem.js';

const MINUTE_MS = 60_000;

/** What can be worked on. */
interface Choice {
  readonly label: string;
  readonly zone: string;
  readonly place:
    | { readonly scope: 'site'; readonly site: string }
    | { readonly scope: 'gateway'; readonly gateway: string }
    | { readonly scope: 'camera'; readonly gateway: string; readonly camera: string };
}

/** Every site, gateway and camera, with the zone in which its people read clocks; undefined until they are known. */
function useChoices(): Choice[] | undefined {
  const { t } = useTranslation();
  const gateways = useQuery({ queryKey: ['gateways'], queryFn: fetchGateways }).data;
  const cameras = useQuery({ queryKey: ['cameras'], queryFn: fetchCameras }).data;
  if (gateways === undefined || cameras === undefined) return undefined;
  const zones = new Map(gateways.map(({ site }) => [site.name, site.timeZone]));
  const sites = [...zones].map(([site, zone]) => ({
    ...{ label: t('maintenance.site', { site }), zone },
    place: { scope: 'site' as const, site },
  }));
  const ofGateways = gateways.map(({ name: gateway, site }) => ({
    ...{ label: t('maintenance.gateway', { gateway }), zone: site.timeZone },
    place: { scope: 'gateway' as const, gateway },
  }));
  const ofCameras = cameras.map(({ gateway, id: camera, timeZone: zone }) => ({
    ...{ label: t('maintenance.camera', { gateway, camera }), zone },
    place: { scope: 'camera' as const, gateway, camera },
  }));
  return [...sites, ...ofGateways, ...ofCameras];
}

/** The instant that a wall clock of the zone shows; the field gives it as YYYY-MM-DDTHH:MM. */
const instant = (wall: string, zone: string) => instantOf(zone, Date.parse(`${wall}Z`));

const EMPTY = { start: '', end: '', reason: '', emergency: false };

/** Plan a window, or note an emergency. */
export function NewWindowForm({ onAdded }: { onAdded: () => void }) {
  const { t } = useTranslation();
  const choices = useChoices();
  const [chosen, setChosen] = useState(0);
  const [fields, setFields] = useState(EMPTY);
  const choice = choices?.[chosen];
  const add = useMutation({
    mutationFn: addMaintenance,
    onSuccess: () => {
      setFields(EMPTY);
      onAdded();
    },
  });
  if (choices === undefined) return <Skeleton h={220} />;
  if (choice === undefined) return null;
  const { zone, place } = choice;
  const submit = () => {
    const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    const window: NewWindow = {
      ...place,
      start: fields.start === '' ? now : instant(fields.start, zone),
      end: instant(fields.end, zone),
      reason: fields.reason,
      effect: 'create',
      kind: fields.emergency ? 'emergency' : 'planned',
    };
    add.mutate(window);
  };
  return (
    <Card withBorder component="section" aria-label={t('maintenance.plan')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack maw={480}>
          <Title order={3} size="h5">
            {t('maintenance.plan')}
          </Title>
          <NativeSelect
            label={t('maintenance.of')}
            value={String(chosen)}
            onChange={(event) => setChosen(Number(event.currentTarget.value))}
            data={choices.map(({ label }, index) => ({ value: String(index), label }))}
          />
          <Field
            label={t('maintenance.begin', { zone })}
            description={t('maintenance.beginHint')}
            type="datetime-local"
            value={fields.start}
            onText={(start) => setFields({ ...fields, start })}
          />
          <Field
            label={t('maintenance.end', { zone })}
            type="datetime-local"
            required
            value={fields.end}
            onText={(end) => setFields({ ...fields, end })}
          />
          <Field
            label={t('maintenance.reason')}
            required
            value={fields.reason}
            onText={(reason) => setFields({ ...fields, reason })}
          />
          <Checkbox
            label={t('maintenance.emergency')}
            checked={fields.emergency}
            onChange={(event) => setFields({ ...fields, emergency: event.currentTarget.checked })}
          />
          <Problem error={add.error} />
          <Button type="submit" maw={240} mih={44} loading={add.isPending}>
            {t('maintenance.add')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

interface FieldProps {
  readonly label: string;
  readonly description?: string;
  readonly type?: 'datetime-local';
  readonly required?: boolean;
  readonly value: string;
  readonly onText: (text: string) => void;
}

function Field({ onText, ...props }: FieldProps) {
  return <TextInput {...props} onChange={(event) => onText(event.currentTarget.value)} />;
}
