import { Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { LineAccuracy } from '../../schema/accuracy.js';
import { fetchAccuracy } from '../api.js';
import { LoadFailed } from '../load-failed.js';
import { LineCard } from './line-card.js';
import { ManualAudits } from './manual-audits.js';
import { Risks } from './risks.js';
import { TallyPage } from './tally-page.js';
import { beginTally } from './tally-state.js';
import { useTally } from './use-tally.js';

/** How often the crossings of each line are right, and how sure that is; or the tally, while somebody counts. */
export function AccuracyPage({ mayCount, mayRemove }: { mayCount: boolean; mayRemove: boolean }) {
  const { t } = useTranslation();
  const [tally, changeTally] = useTally();
  // Who counts must not see what the machine counts.
  const counting = mayCount && tally !== null;
  const accuracy = useQuery({ queryKey: ['accuracy'], queryFn: fetchAccuracy, enabled: !counting });
  if (counting) return <TallyPage tally={tally} onChange={changeTally} />;
  if (accuracy.isError) return <LoadFailed error={accuracy.error} retry={() => void accuracy.refetch()} />;
  if (accuracy.data === undefined) return <Skeleton h={220} />;
  const { lines, target } = accuracy.data;
  const clockOffset = accuracy.data.now - accuracy.dataUpdatedAt;
  const count = (line: LineAccuracy) =>
    changeTally(() => beginTally(line, { id: newId(), clockOffset, now: Date.now() + clockOffset }));
  return (
    <Stack gap="lg" data-testid="accuracy">
      <Title order={2} size="h4">
        {t('accuracy.title')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('accuracy.hint', { percent: Math.round(target * 100) })}
      </Text>
      <Risks lines={lines} />
      {lines.length === 0 && <Text>{t('counts.nothing')}</Text>}
      {lines.map((line) => (
        <LineCard
          key={`${line.gateway}/${line.camera}/${line.line}`}
          line={line}
          onCount={mayCount ? () => count(line) : undefined}
        />
      ))}
      <ManualAudits lines={lines} mayRemove={mayRemove} />
    </Stack>
  );
}

/** A version 4 UUID; crypto.randomUUID exists on pages with TLS only. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = '89ab'[(bytes[8] ?? 0) % 4] ?? '8';
  return [
    ...[hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`],
    ...[`${variant}${hex.slice(17, 20)}`, hex.slice(20)],
  ].join('-');
}
