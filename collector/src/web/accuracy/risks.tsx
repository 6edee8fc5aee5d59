import { Alert, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { LineAccuracy, Risk } from '../../schema/accuracy.js';
import { fetchRisks } from '../api.js';
import { dateTimeWithZone, number } from '../format.js';
import { LoadFailed } from '../load-failed.js';

/** Signs that lines count wrongly, in words and numbers; nothing where there is none. */
export function Risks({ lines }: { lines: readonly LineAccuracy[] }) {
  const { t } = useTranslation();
  const risks = useQuery({ queryKey: ['accuracy', 'risks'], queryFn: fetchRisks });
  if (risks.isError) return <LoadFailed error={risks.error} retry={() => void risks.refetch()} />;
  if (risks.data === undefined || risks.data.length === 0) return null;
  return (
    <Alert
      color="orange"
      title={t('risk.title')}
      styles={{ title: { color: 'inherit' } }}
      data-testid="risks"
    >
      <Stack gap="xs">
        <Text size="sm">{t('risk.hint')}</Text>
        <List size="sm" spacing="xs">
          {risks.data.map((risk) => (
            <List.Item
              key={`${risk.kind} ${risk.site} ${risk.gateway ?? ''}/${risk.camera ?? ''}/${risk.line ?? ''}`}
            >
              <Sentence risk={risk} lines={lines} />
            </List.Item>
          ))}
        </List>
      </Stack>
    </Alert>
  );
}

function Sentence({ risk, lines }: { risk: Risk; lines: readonly LineAccuracy[] }) {
  const { t, i18n } = useTranslation();
  const { kind, value, expected, threshold, basis, since, timeZone } = risk;
  const line = lines.find(
    (one) => one.gateway === risk.gateway && one.camera === risk.camera && one.line === risk.line,
  );
  const place = line === undefined ? risk.site : `${line.site} / ${line.cameraName}: ${line.lineName}`;
  const show = (shown: number, digits = 0) => number(shown, i18n.language, digits);
  const isShare = kind !== 'weekday-change';
  const name = kind === 'occupancy-left' && value < 0 ? 'occupancy-missing' : kind;
  return (
    <>
      <Text span size="sm" fw={600}>
        {place}
      </Text>
      {': '}
      {t(`risk.${name}`, {
        value: isShare ? show(100 * Math.abs(value), 1) : show(value),
        threshold: show(isShare ? 100 * threshold : threshold),
        expected: show(expected ?? 0),
        basis: show(basis),
      })}{' '}
      {t('risk.since', { time: dateTimeWithZone(since, i18n.language, timeZone) })}
    </>
  );
}
