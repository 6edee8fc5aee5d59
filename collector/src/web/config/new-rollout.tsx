import {
  Button,
  Card,
  Group,
  NativeSelect,
  NumberInput,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { parse } from 'yaml';
import type { RolloutPlan } from '../../schema/rollouts.js';
import { startRollout } from '../api.js';
import { Problem } from '../problem.js';
import { DifferenceList } from './differences.js';

const MOST_CANARIES = 100;
const WEEK_MINUTES = 7 * 24 * 60;
/** Gateways whose changes are shown before a roll-out. */
const SHOWN = 5;

/** A change for many gateways; it is looked at before it begins. */
export function NewRollout({ sites }: { sites: readonly string[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [title, setTitle] = useState('');
  const [site, setSite] = useState('');
  const [text, setText] = useState('');
  const [canaries, setCanaries] = useState(1);
  const [soakMinutes, setSoakMinutes] = useState(10);
  const [plan, setPlan] = useState<RolloutPlan | null>(null);
  const ask = useMutation({
    mutationFn: (dryRun: boolean) => {
      const patch = (parse(text) ?? {}) as Record<string, unknown>;
      return startRollout({ title, patch, canaries, soakMinutes, dryRun, ...(site !== '' && { site }) });
    },
    onSuccess: (answer) => {
      setPlan(answer.id === null ? answer : null);
      if (answer.id === null) return;
      setTitle('');
      setText('');
      void queries.invalidateQueries({ queryKey: ['rollouts'] });
    },
  });
  /** What was looked at is not what would begin any more. */
  const edit = (change: () => void) => {
    change();
    setPlan(null);
  };
  return (
    <Card withBorder component="section" aria-label={t('config.new')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate(plan === null);
        }}
      >
        <Stack>
          <Title order={3} size="h5">
            {t('config.new')}
          </Title>
          <Group align="flex-end">
            <TextInput
              label={t('config.what')}
              required
              maxLength={100}
              value={title}
              onChange={({ currentTarget: { value } }) => edit(() => setTitle(value))}
            />
            <NativeSelect
              label={t('config.where')}
              data={[
                { value: '', label: t('config.everywhere') },
                ...sites.map((name) => ({ value: name, label: name })),
              ]}
              value={site}
              onChange={({ currentTarget: { value } }) => edit(() => setSite(value))}
            />
            <NumberInput
              label={t('config.canaries')}
              min={1}
              max={MOST_CANARIES}
              value={canaries}
              onChange={(value) => edit(() => setCanaries(Number(value)))}
            />
            <NumberInput
              label={t('config.soak')}
              min={0}
              max={WEEK_MINUTES}
              value={soakMinutes}
              onChange={(value) => edit(() => setSoakMinutes(Number(value)))}
            />
          </Group>
          <Textarea
            label={t('config.patch')}
            description={t('config.patchHint')}
            autosize
            minRows={3}
            styles={{ input: { fontFamily: 'monospace' } }}
            value={text}
            onChange={({ currentTarget: { value } }) => edit(() => setText(value))}
          />
          <Problem error={ask.error} />
          {plan !== null && <Preview plan={plan} />}
          <Button
            type="submit"
            maw={320}
            mih={44}
            loading={ask.isPending}
            color={plan === null ? 'blue' : 'red.9'}
          >
            {plan === null ? t('config.preview') : t('config.begin', { gateways: plan.gateways.length })}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

function Preview({ plan }: { plan: RolloutPlan }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" data-testid="rollout-preview">
      {plan.gateways.slice(0, SHOWN).map(({ gateway, canary, changes }) => (
        <div key={gateway}>
          <Text fw={600}>
            {gateway} {canary && `(${t('config.first')})`}
          </Text>
          <DifferenceList changes={changes} />
        </div>
      ))}
      {plan.gateways.length > SHOWN && (
        <Text size="sm">{t('config.moreGateways', { gateways: plan.gateways.length - SHOWN })}</Text>
      )}
    </Stack>
  );
}
