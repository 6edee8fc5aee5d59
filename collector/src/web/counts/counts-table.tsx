import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Bucket } from '../../schema/counts.js';
import { bucketLabel, number, percent } from '../format.js';

/** The chart's numbers as a table, for those who cannot or do not want to read a chart. */
export function CountsTable(props: {
  buckets: readonly Bucket[];
  bucket: 'minute' | 'hour' | 'day';
  zone: string;
}) {
  const { t, i18n } = useTranslation();
  const past = props.buckets.filter(({ expectedMs }) => expectedMs > 0).reverse();
  return (
    <details>
      <summary>{t('counts.table')}</summary>
      <Table.ScrollContainer minWidth={320} mah={360}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('counts.from')}</Table.Th>
              <Table.Th ta="right">{t('camera.in')}</Table.Th>
              <Table.Th ta="right">{t('camera.out')}</Table.Th>
              <Table.Th>{t('counts.observed')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {past.map((bucket) => (
              <Table.Tr key={bucket.start}>
                <Table.Td>{bucketLabel(bucket.start, props.bucket, i18n.language, props.zone)}</Table.Td>
                {[bucket.in, bucket.out].map((value, index) => (
                  <Table.Td key={index} ta="right" className="number">
                    {bucket.observedMs === 0 ? '–' : number(value, i18n.language)}
                  </Table.Td>
                ))}
                <Table.Td>
                  {percent(bucket.completeness ?? 0)} %
                  <Text span size="xs" c="dimmed" ml="xs">
                    {bucket.gaps.map(({ reason }) => t(`gap.${reason}`)).join(', ')}
                  </Text>
                  {bucket.spread && (
                    <Text size="xs" c="dimmed">
                      {t('counts.spread')}
                    </Text>
                  )}
                  {bucket.suspect.length > 0 && (
                    <Text size="xs" c="orange" data-testid="suspect">
                      ⚠{' '}
                      {t('suspect.mark', {
                        reasons: bucket.suspect.map((reason) => t(`suspect.${reason}`)).join(', '),
                      })}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}
