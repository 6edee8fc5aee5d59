import { Button, Card, Checkbox, NativeSelect, Skeleton, Stack, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { instantOf } from '../../counts/zone.js';
import type { MaintenanceSeries } from '../../schema/maintenance.js';
import { addMaintenance, fetchCameras, fetchGateways } from '../api.js';
import { Problem } from '../problem.js';
import { saveSeries } from './maintenance-api.js';
import { REPEATS, repeatOf, ruleOf, type Repeat } from './repeat.js';

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

const EMPTY = {
  ...{ start: '', end: '', reason: '', emergency: false },
  ...{ effect: 'create' as 'create' | 'page', repeat: 'once' as Repeat, until: '' },
};
type Fields = typeof EMPTY;

/** The wall clock as the field wants it. */
const wallText = (wall: number) => new Date(wall).toISOString().slice(0, 16);
const wallOf = (text: string) => Date.parse(`${text}Z`);

function fieldsOf({ start, durationMs, reason, effect, rule }: MaintenanceSeries): Fields {
  const end = wallText(wallOf(start) + durationMs);
  return { ...EMPTY, start, end, reason, effect, ...repeatOf(rule, start) };
}

function isPlaceOf({ place }: Choice, { scope, site, gateway, camera }: MaintenanceSeries): boolean {
  if (place.scope !== scope) return false;
  if (place.scope === 'site') return place.site === site;
  return place.gateway === gateway && (place.scope === 'gateway' || place.camera === camera);
}

/** Send what the form holds: one window, or a series. */
async function save({ place, zone }: Choice, fields: Fields, series: MaintenanceSeries | undefined) {
  const { start, end, reason, effect, repeat, until, emergency } = fields;
  if (repeat !== 'once') {
    const rule = repeat === 'other' ? (series?.rule ?? '') : ruleOf(repeat, start, until);
    const durationMs = wallOf(end) - wallOf(start);
    await saveSeries({ ...place, rule, timeZone: zone, start, durationMs, reason, effect }, series?.id);
    return;
  }
  const now = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const times = { start: start === '' ? now : instant(start, zone), end: instant(end, zone) };
  await addMaintenance({ ...place, ...times, reason, effect, kind: emergency ? 'emergency' : 'planned' });
}

interface NewWindowFormProps {
  /** The series that is changed; undefined for something new. */
  readonly series?: MaintenanceSeries;
  readonly onAdded: () => void;
}

/** Plan a window or a series, note an emergency, or change a series. */
export function NewWindowForm({ series, onAdded }: NewWindowFormProps) {
  const { t } = useTranslation();
  const choices = useChoices();
  const [chosen, setChosen] = useState<number | undefined>();
  const [fields, setFields] = useState(series === undefined ? EMPTY : fieldsOf(series));
  const index =
    chosen ?? Math.max(0, choices?.findIndex((one) => series !== undefined && isPlaceOf(one, series)) ?? 0);
  const choice = choices?.[index];
  const add = useMutation({
    mutationFn: (of: Choice) => save(of, fields, series),
    onSuccess: () => {
      setFields(EMPTY);
      onAdded();
    },
  });
  if (choices === undefined) return <Skeleton h={220} />;
  if (choice === undefined) return null;
  const { zone } = choice;
  const title = t(series === undefined ? 'maintenance.plan' : 'maintenance.change');
  return (
    <Card withBorder component="section" aria-label={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(choice);
        }}
      >
        <Stack maw={480}>
          <Title order={3} size="h5">
            {title}
          </Title>
          <NativeSelect
            label={t('maintenance.of')}
            value={String(index)}
            onChange={(event) => setChosen(Number(event.currentTarget.value))}
            data={choices.map(({ label }, at) => ({ value: String(at), label }))}
          />
          <When {...{ fields, zone, setFields }} isSeries={series !== undefined} />
          <Field
            label={t('maintenance.reason')}
            required
            value={fields.reason}
            onText={(reason) => setFields({ ...fields, reason })}
          />
          <NativeSelect
            label={t('maintenance.effect')}
            value={fields.effect}
            onChange={(event) =>
              setFields({ ...fields, effect: event.currentTarget.value === 'page' ? 'page' : 'create' })
            }
            data={(['create', 'page'] as const).map((value) => ({
              value,
              label: t(`maintenance.effect-${value}`),
            }))}
          />
          {fields.repeat === 'once' && (
            <Checkbox
              label={t('maintenance.emergency')}
              checked={fields.emergency}
              onChange={(event) => setFields({ ...fields, emergency: event.currentTarget.checked })}
            />
          )}
          <Problem error={add.error} />
          <Button type="submit" maw={240} mih={44} loading={add.isPending}>
            {t(series === undefined ? 'maintenance.add' : 'maintenance.save')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

interface WhenProps {
  readonly fields: Fields;
  readonly zone: string;
  readonly isSeries: boolean;
  readonly setFields: (fields: Fields) => void;
}

/** Begin, end, and how often. */
function When({ fields, zone, isSeries, setFields }: WhenProps) {
  const { t } = useTranslation();
  const { repeat } = fields;
  const offered: readonly Repeat[] = [
    ...REPEATS.filter((one) => !isSeries || one !== 'once'),
    ...(repeat === 'other' ? (['other'] as const) : []),
  ];
  return (
    <>
      <NativeSelect
        label={t('maintenance.repeat')}
        value={repeat}
        onChange={({ currentTarget }) =>
          setFields({ ...fields, repeat: offered.find((one) => one === currentTarget.value) ?? repeat })
        }
        data={offered.map((value) => ({ value, label: t(`maintenance.repeat-${value}`) }))}
      />
      <Field
        label={t(repeat === 'once' ? 'maintenance.begin' : 'maintenance.firstBegin', { zone })}
        {...(repeat === 'once' ? { description: t('maintenance.beginHint') } : { required: true })}
        type="datetime-local"
        value={fields.start}
        onText={(start) => setFields({ ...fields, start })}
      />
      <Field
        label={t(repeat === 'once' ? 'maintenance.end' : 'maintenance.firstEnd', { zone })}
        type="datetime-local"
        required
        value={fields.end}
        onText={(end) => setFields({ ...fields, end })}
      />
      {repeat !== 'once' && repeat !== 'other' && (
        <Field
          label={t('maintenance.untilDay')}
          description={t('maintenance.untilHint')}
          type="date"
          value={fields.until}
          onText={(until) => setFields({ ...fields, until })}
        />
      )}
    </>
  );
}

interface FieldProps {
  readonly label: string;
  readonly description?: string;
  readonly type?: 'datetime-local' | 'date';
  readonly required?: boolean;
  readonly value: string;
  readonly onText: (text: string) => void;
}

function Field({ onText, ...props }: FieldProps) {
  return <TextInput {...props} onChange={(event) => onText(event.currentTarget.value)} />;
}
