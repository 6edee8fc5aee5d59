import type { RecordsMessage } from './messages/records.js';

/** A record of a batch with its sequence number; it has not been checked against its schema yet. */
export interface BatchRow {
  readonly seq: number;
  readonly record: unknown;
}

/** The records of a batch with their sequence numbers, whichever of the two forms it has. */
export function rowsOf({ firstSeq, records, rows }: RecordsMessage): readonly BatchRow[] {
  return rows ?? (records ?? []).map((record, index) => ({ seq: firstSeq + index, record }));
}

/** A batch in its shortest form: a plain list where no number is missing. */
export function packRows(
  firstSeq: number,
  rows: readonly BatchRow[],
): Pick<RecordsMessage, 'firstSeq' | 'records' | 'rows'> {
  const dense = rows.every(({ seq }, index) => seq === firstSeq + index);
  return dense
    ? { firstSeq, records: rows.map(({ record }) => record) }
    : { firstSeq, rows: rows.map(({ seq, record }) => ({ seq, record })) };
}
