import { Card, Group, SegmentedControl, Select, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchCameras, fetchCounts } from '../api.js';
import { LoadFailed } from '../load-failed.js';
import { CountsTable } from './counts-table.js';
import { RANGES, type Range } from './ranges.js';

/** The chart library is half of the console: it loads while the rest is already shown. */
const CountsChart = lazy(async () => ({ default: (await import('./counts-chart.js')).CountsChart }));

/** A chart of one line over the last hours or days. */
export function CountsPanel() {
  const { t } = useTranslation();
  const cameras = useQuery({ queryKey: ['cameras'], queryFn: fetchCameras });
  const [chosen, setChosen] = useState<string | null>(null);
  const [range, setRange] = useState<Range>('hour');
  const lines = (cameras.data ?? []).flatMap((camera) =>
    camera.today.lines.map((line) => ({
      value: `${camera.gateway}/${camera.id}/${line.id}`,
      label: `${camera.name}: ${line.name}`,
      zone: camera.timeZone,
      key: { gateway: camera.gateway, camera: camera.id, line: line.id },
    })),
  );
  const line = lines.find(({ value }) => value === chosen) ?? lines[0];
  return (
    <Card withBorder component="section" mt="lg" aria-label={t('counts.title')}>
      <Stack>
        <Group justify="space-between" align="flex-end">
          <Title order={2} size="h4">
            {t('counts.title')}
          </Title>
          <Group align="flex-end">
            <Select
              label={t('counts.line')}
              data={lines.map(({ value, label }) => ({ value, label }))}
              value={line?.value ?? null}
              onChange={setChosen}
              allowDeselect={false}
              disabled={lines.length === 0}
            />
            <SegmentedControl
              size="xs"
              aria-label={t('counts.range')}
              data={(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: t(`counts.${value}`) }))}
              value={range}
              onChange={(value) => setRange(value)}
            />
          </Group>
        </Group>
        {line === undefined ? (
          <Text c="dimmed">{t('counts.nothing')}</Text>
        ) : (
          <LineCounts line={line} range={range} />
        )}
      </Stack>
    </Card>
  );
}

interface ChosenLine {
  readonly label: string;
  readonly zone: string;
  readonly key: { readonly gateway: string; readonly camera: string; readonly line: string };
}

function LineCounts({ line, range }: { line: ChosenLine; range: Range }) {
  const { t } = useTranslation();
  const { ms, bucket } = RANGES[range];
  const counts = useQuery({
    queryKey: ['counts', line.key, range],
    queryFn: () => fetchCounts({ ...line.key, bucket, from: Date.now() - ms, to: Date.now() }),
  });
  if (counts.isError) return <LoadFailed error={counts.error} retry={() => void counts.refetch()} />;
  if (counts.data === undefined) return <Skeleton h={320} />;
  return (
    <>
      <Suspense fallback={<Skeleton h={300} />}>
        <CountsChart buckets={counts.data} bucket={bucket} zone={line.zone} title={line.label} />
      </Suspense>
      <Text size="xs" c="dimmed">
        {t('counts.caption', { zone: line.zone })}
      </Text>
      <CountsTable buckets={counts.data} bucket={bucket} zone={line.zone} />
    </>
  );
}
