import { Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { percent } from '../format.js';
import { LoadFailed } from '../load-failed.js';
import { fetchReport } from './incidents-api.js';
import { span } from './words.js';

const DAYS = 28;

/** How fast people were, against the targets. */
export function Report() {
  const { t } = useTranslation();
  const report = useQuery({ queryKey: ['incidents', 'report'], queryFn: () => fetchReport(DAYS) });
  const time = (ms: number | null) => (ms === null ? '–' : span(ms, t));
  return (
    <details>
      <summary>{t('incidentReport.title', { days: DAYS })}</summary>
      {report.isError && <LoadFailed error={report.error} retry={() => void report.refetch()} />}
      <Table.ScrollContainer minWidth={520} tabIndex={0}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {['severity', 'count', 'in-time', 'target', 'mtta', 'mttr'].map((column) => (
                <Table.Th key={column}>{t(`incidentReport.${column}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(report.data?.severities ?? []).map((row) => (
              <Table.Tr key={row.severity}>
                <Table.Td>{t(`severity.${row.severity}`)}</Table.Td>
                <Table.Td>{row.incidents}</Table.Td>
                <Table.Td>{row.inTimeShare === null ? '–' : `${percent(row.inTimeShare)} %`}</Table.Td>
                <Table.Td>{span(row.responseTargetMs, t)}</Table.Td>
                <Table.Td>{time(row.mttaMs)}</Table.Td>
                <Table.Td>{time(row.mttrMs)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        {t('incidentReport.hint')}
      </Text>
    </details>
  );
}
