import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface ReportTableProps {
  /** Keys of the headings below `reports.column`; the first names the row. */
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly key: string;
    readonly marked?: boolean;
    readonly cells: readonly ReactNode[];
  }[];
  readonly label: string;
  readonly minWidth: number;
}

/** A table of a report; it scrolls sideways by itself on a phone, also with the keyboard. */
export function ReportTable({ columns, rows, label, minWidth }: ReportTableProps) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={minWidth} tabIndex={0} role="region" aria-label={label}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column} scope="col">
                {t(`reports.column.${column}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="number">
          {rows.map(({ key, marked, cells }) => (
            <Table.Tr key={key} data-marked={marked}>
              {cells.map((cell, index) =>
                index === 0 ? (
                  <Table.Th key={columns[index]} scope="row" fw={500}>
                    {cell}
                  </Table.Th>
                ) : (
                  <Table.Td key={columns[index]}>{cell}</Table.Td>
                ),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
