import { Button, Card, Code, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LineAccuracy } from '../../schema/accuracy.js';
import type { ManualAudit } from '../../schema/manual-audits.js';
import { fetchManualAudits, removeManualAudit } from '../api.js';
import { StateBadge } from '../fleet/state-badge.js';
import { dateTimeWithZone } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { Problem } from '../problem.js';

/** Counts of a minute arrive within seconds after it (ms). */
const WAITING_REFRESH_MS = 10_000;
const LOOK = { compared: 'good', waiting: 'waiting', 'not-comparable': 'bad' } as const;
const EXAMPLE = `from,to,in,out,light,density,note
2026-03-02T10:00+07:00,2026-03-02T10:15+07:00,31,27,day,medium,
2026-03-02T10:15+07:00,2026-03-02T10:30+07:00,18,22,,,rain`;

/** What people counted at the doors, beside what the machine counted at the same time. */
export function ManualAudits({ lines, mayRemove }: { lines: readonly LineAccuracy[]; mayRemove: boolean }) {
  const { t } = useTranslation();
  const audits = useQuery({
    queryKey: ['accuracy', 'audits'],
    queryFn: fetchManualAudits,
    refetchInterval: ({ state }) =>
      state.data?.some((audit) => audit.state === 'waiting') === true ? WAITING_REFRESH_MS : false,
  });
  if (audits.isError) return <LoadFailed error={audits.error} retry={() => void audits.refetch()} />;
  const all = audits.data ?? [];
  return (
    <Stack component="section" gap="sm" aria-label={t('audits.title')}>
      <Title order={2} size="h4">
        {t('audits.title')}
      </Title>
      {audits.isSuccess && all.length === 0 && <Text c="dimmed">{t('audits.none')}</Text>}
      {all.map((audit) => (
        <AuditCard
          key={audit.id}
          audit={audit}
          line={lines.find((line) => isOf(audit, line))}
          mayRemove={mayRemove}
        />
      ))}
      <details>
        <summary>{t('audits.format')}</summary>
        <Text size="sm" my="xs">
          {t('audits.format-hint')}
        </Text>
        <Code block>{EXAMPLE}</Code>
      </details>
    </Stack>
  );
}

function isOf(audit: ManualAudit, line: LineAccuracy): boolean {
  return audit.gateway === line.gateway && audit.camera === line.camera && audit.line === line.line;
}

interface CardProps {
  readonly audit: ManualAudit;
  /** Undefined for a line that was taken away. */
  readonly line: LineAccuracy | undefined;
  readonly mayRemove: boolean;
}

function AuditCard({ audit, line, mayRemove }: CardProps) {
  const { t, i18n } = useTranslation();
  const { compared, truth, leftOut, method, auditor, note, state } = audit;
  const time = (at: number) => dateTimeWithZone(at, i18n.language, line?.timeZone);
  const name = line === undefined ? audit.line : `${line.cameraName}: ${line.lineName}`;
  return (
    <Card withBorder data-testid="manual-audit" data-state={state}>
      <Stack gap={4}>
        <Text fw={600}>{name}</Text>
        <StateBadge look={LOOK[state]}>{t(`audits.state-${state}`)}</StateBadge>
        <Text size="sm">{t('audits.span', { from: time(audit.from), to: time(audit.to) })}</Text>
        <Text size="sm">{t(`audits.by-${method}`, { name: auditor })}</Text>
        {compared === null ? (
          <Text size="sm">{t('audits.truth', truth)}</Text>
        ) : (
          <>
            <Text size="sm">
              {t('audits.compared', {
                ...{
                  minutes: compared.minutes,
                  personIn: compared.person.in,
                  personOut: compared.person.out,
                },
                ...{ machineIn: compared.machine.in, machineOut: compared.machine.out },
              })}
            </Text>
            <Text size="sm">
              {t('audits.mistakes', {
                ...{ misses: compared.misses, extra: compared.extra, turned: compared.turned },
              })}
            </Text>
          </>
        )}
        {leftOut.map(({ reason, minutes }) => (
          <Text key={reason} size="sm">
            {t(`audits.left-out-${reason}`, { minutes })}
          </Text>
        ))}
        {note !== '' && <Text size="sm">{note}</Text>}
        {mayRemove && <Remove id={audit.id} />}
      </Stack>
    </Card>
  );
}

/** Take a wrong audit out of the verdict; asked twice. */
function Remove({ id }: { id: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeManualAudit(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['accuracy'] }),
  });
  return (
    <>
      <Group gap="sm">
        <Button
          variant={asked ? 'filled' : 'default'}
          mih={44}
          {...(asked && { color: 'red.9' })}
          loading={remove.isPending}
          onClick={() => (asked ? remove.mutate() : setAsked(true))}
        >
          {t(asked ? 'audits.remove-really' : 'audits.remove')}
        </Button>
        {asked && (
          <Button variant="default" mih={44} onClick={() => setAsked(false)}>
            {t('tally.keep')}
          </Button>
        )}
      </Group>
      <Problem error={remove.error} />
    </>
  );
}
