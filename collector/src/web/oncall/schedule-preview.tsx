import { Alert, List, ScrollArea, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SchedulePreview } from '../../schema/oncall.js';
import { dateTimeWithZone } from '../format.js';
import { GapText } from './gap-text.js';

interface PreviewTableProps {
  readonly preview: SchedulePreview;
  /** IANA, of the schedule. */
  readonly zone: string;
  /** Team and level. */
  readonly where: string;
}

/** Who would be on duty in the next two weeks, with what is wrong in red and why. */
export function PreviewTable({ preview: { duties, problems }, zone, where }: PreviewTableProps) {
  const { t, i18n } = useTranslation();
  const time = (at: number) => dateTimeWithZone(at, i18n.language, zone);
  const gaps = duties.filter(({ user }) => user === null).length;
  return (
    <Stack gap="xs" role="status" data-testid="preview">
      <Text fw={600} size="sm" {...(gaps > 0 && { c: 'red.9' })}>
        {gaps === 0 ? t('teams.noGaps', { zone }) : t('teams.gaps', { count: gaps, zone })}
      </Text>
      <ScrollArea.Autosize mah={360} viewportProps={{ tabIndex: 0, 'aria-label': t('teams.preview') }}>
        <Table layout="fixed" withTableBorder verticalSpacing={4} horizontalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="45%">{t('oncall.from')}</Table.Th>
              <Table.Th>{t('teams.onDuty')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {duties.map(({ from, user, gap, override }) => (
              <Table.Tr key={from}>
                <Table.Td className="number">{time(from)}</Table.Td>
                <Table.Td
                  style={{ overflowWrap: 'anywhere' }}
                  {...(gap !== null && { bg: 'red.9', c: 'white', 'data-gap': gap })}
                >
                  {user ?? t('oncall.nobody')}
                  {gap !== null && `: ${t(`teams.gap-${gap}`)}`}
                  {override !== null && ` (${t('oncall.override')})`}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
      {problems.length > 0 && (
        <Alert color="red" title={t('teams.problems')}>
          <List size="sm">
            {problems.map((gap) => (
              <List.Item key={JSON.stringify(gap)}>
                <GapText {...{ gap, where, zone }} />
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </Stack>
  );
}
