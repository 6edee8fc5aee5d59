import { Anchor, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { REPORT_TABLE_NAMES } from '../../schema/report-words.js';
import type { OncallReport } from '../../schema/reports.js';
import { percent } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { daysOf } from './days.js';
import { Proposals } from './proposals.js';
import { Actionable, Nights, People, Rules, Severities } from './report-parts.js';
import { fetchOncallReport, searchOf, type Days } from './reports-api.js';
import { SpanForm } from './span-form.js';

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** How on-call went: who was paged when, whether there was something to do, and what was noise. */
export function ReportsPage() {
  const { t } = useTranslation();
  const [days, setDays] = useState(() => daysOf('month', HERE, Date.now()));
  const report = useQuery({ queryKey: ['reports', days], queryFn: () => fetchOncallReport(days) });
  const { data } = report;
  return (
    <Stack gap="lg" data-testid="reports">
      <Title order={2} size="h4">
        {t('page.reports')}
      </Title>
      <SpanForm days={days} onChange={setDays} />
      {report.isError && <LoadFailed error={report.error} retry={() => void report.refetch()} />}
      {report.isPending && <Skeleton h={220} />}
      {data !== undefined && (
        <>
          <Text size="sm" c="dimmed">
            {t('reports.span', { ...days })}
          </Text>
          <Files days={days} />
          <Sums report={data} />
          <Severities report={data} />
          <People report={data} />
          <Nights report={data} />
          <Actionable report={data} />
          <Rules report={data} />
          <Proposals days={days} />
        </>
      )}
    </Stack>
  );
}

/** The same on paper and for spreadsheets. */
function Files({ days }: { days: Days }) {
  const { t, i18n } = useTranslation();
  const file = (ending: 'pdf' | 'md') =>
    `/api/v1/reports/on-call.${ending}?${searchOf(days, { lang: i18n.language })}`;
  return (
    <Group gap="md" className="no-print">
      <Anchor href={file('pdf')} download>
        {t('reports.pdf')}
      </Anchor>
      <Anchor href={file('md')} download>
        {t('reports.markdown')}
      </Anchor>
      {REPORT_TABLE_NAMES.map((table) => (
        <Anchor key={table} href={`/api/v1/reports/on-call.csv?${searchOf(days, { table })}`} download>
          {t(`reports.csv-${table}`)}
        </Anchor>
      ))}
      <Button variant="default" mih={44} onClick={() => window.print()}>
        {t('reports.print')}
      </Button>
    </Group>
  );
}

function Sums({ report }: { report: OncallReport }) {
  const { t } = useTranslation();
  const share = report.incidents.actionableShare;
  const sums = [
    ['pages', report.pages],
    ['night-pages', report.nightPages],
    ['loud-nights', report.nights.filter(({ loud }) => loud).length],
    ['actionable', share === null ? '–' : `${percent(share)} %`],
  ] as const;
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
      {sums.map(([name, value]) => (
        <Card key={name} withBorder padding="sm" data-testid={`sum-${name}`}>
          <Text size="xl" fw={700} className="number">
            {value}
          </Text>
          <Text size="sm">{t(`reports.sum-${name}`)}</Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}
