import { Button, Card, NativeSelect, Stack, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../problem.js';
import { addSilence } from './silences-api.js';

const HOUR_MS = 3_600_000;
const HOURS = [1, 2, 4, 8, 24];
/** For admins only. */
const LONG_HOURS = [72, 168];
/** Shorter reasons say nothing to whoever reads them later. */
const LEAST_REASON = 3;

/** What a new silence is about; empty for every rule, or every place. */
export interface SilenceOf {
  readonly rule: string;
  readonly path: string;
}

interface NewSilenceProps {
  /** What the form begins with. */
  readonly of: SilenceOf;
  /** Of rules, by slug, in the language of the page. */
  readonly titles: ReadonlyMap<string, string>;
  /** May choose more than a day. */
  readonly mayBeLong: boolean;
  readonly onAdded: () => void;
}

/** Silence a rule, a place or both. */
export function NewSilence({ of, titles, mayBeLong, onAdded }: NewSilenceProps) {
  const { t } = useTranslation();
  const [rule, setRule] = useState(of.rule);
  const [path, setPath] = useState(of.path);
  const [hours, setHours] = useState(1);
  const [reason, setReason] = useState('');
  const add = useMutation({
    mutationFn: () =>
      addSilence({
        ...{ rule: rule === '' ? null : rule, path: path.trim() === '' ? null : path.trim(), reason },
        until: Date.now() + hours * HOUR_MS,
      }),
    onSuccess: () => {
      setReason('');
      onAdded();
    },
  });
  const every = { value: '', label: t('silence.everyRule') };
  const rules = [...titles].map(([value, label]) => ({ value, label }));
  const known = rule === '' || titles.has(rule) ? [] : [{ value: rule, label: rule }];
  return (
    <Card withBorder component="section" aria-label={t('silence.new')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Stack maw={480}>
          <Title order={3} size="h5">
            {t('silence.new')}
          </Title>
          <NativeSelect
            label={t('silence.rule')}
            value={rule}
            onChange={({ currentTarget }) => setRule(currentTarget.value)}
            data={[every, ...known, ...rules]}
          />
          <TextInput
            label={t('silence.path')}
            description={t('silence.pathHint')}
            value={path}
            onChange={({ currentTarget }) => setPath(currentTarget.value)}
          />
          <NativeSelect
            label={t('silence.length')}
            value={String(hours)}
            onChange={({ currentTarget }) => setHours(Number(currentTarget.value))}
            data={[...HOURS, ...(mayBeLong ? LONG_HOURS : [])].map((count) => ({
              value: String(count),
              label: count > 24 ? t('silence.days', { count: count / 24 }) : t('silence.hours', { count }),
            }))}
          />
          <TextInput
            label={t('silence.reason')}
            required
            autoFocus={of.path !== ''}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <Problem error={add.error} />
          <Button
            type="submit"
            maw={240}
            mih={44}
            disabled={reason.trim().length < LEAST_REASON}
            loading={add.isPending}
          >
            {t('silence.add')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
