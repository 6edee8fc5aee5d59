import { stringify } from 'csv-stringify/sync';
import writeXlsxFile from 'write-excel-file/node';
import type { Bucket } from '../schema/counts.js';
import { isoWithOffset } from './zone.js';

/** A row with the time zone of its site. */
type Row = Bucket & { readonly timeZone: string };
type Cell = string | number | null;

const share = (value: number | null) => (value === null ? null : Number(value.toFixed(4)));
const seconds = (ms: number) => Math.round(ms / 1000);

/** Columns of an export, in their order; times carry the offset that the site had at that moment, units are in the name. */
const COLUMNS: readonly (readonly [name: string, value: (row: Row) => Cell])[] = [
  ['site', ({ site }) => site],
  ['gateway', ({ gateway }) => gateway],
  ['camera', ({ camera }) => camera],
  ['line', ({ line }) => line],
  ['zone', ({ zone }) => zone],
  ['start', ({ timeZone, start }) => isoWithOffset(timeZone, start)],
  ['end', ({ timeZone, end }) => isoWithOffset(timeZone, end)],
  ['in', (row) => row.in],
  ['out', ({ out }) => out],
  ['observed_seconds', ({ observedMs }) => seconds(observedMs)],
  ['expected_seconds', ({ expectedMs }) => seconds(expectedMs)],
  ['completeness', ({ completeness }) => share(completeness)],
  ['not_observed', ({ gaps }) => gaps.map(({ reason, ms }) => `${reason} ${seconds(ms)} s`).join('; ')],
  ['suspect', ({ suspect }) => suspect.join('; ')],
  ['spread', ({ spread }) => (spread ? 'yes' : 'no')],
  ['stitched', ({ stitched }) => stitched],
  ['people_at_once_max', ({ occupancyMax }) => occupancyMax],
  ['queue_max', ({ queueMax }) => queueMax],
  ['mean_dwell_seconds', ({ meanDwellMs }) => (meanDwellMs === null ? null : seconds(meanDwellMs))],
  ['open_share', ({ open }) => share(open)],
  ['in_week_before', ({ before }) => before?.in ?? null],
  ['out_week_before', ({ before }) => before?.out ?? null],
  ['completeness_week_before', ({ before }) => share(before?.completeness ?? null)],
  ['open_share_week_before', ({ before }) => share(before?.open ?? null)],
];

/** Comma-separated values with a header, by RFC 4180; every text in it is a name of ours, so that no cell is a formula. */
export function toCsv(rows: readonly Row[]): string {
  const header = COLUMNS.map(([name]) => name);
  return stringify([header, ...rows.map((row) => COLUMNS.map(([, value]) => value(row)))], {
    record_delimiter: 'windows',
  });
}

/** A workbook with one sheet. */
export async function toXlsx(rows: readonly Row[]): Promise<Buffer> {
  const header = COLUMNS.map(([name]) => ({ value: name, fontWeight: 'bold' as const }));
  const cells = rows.map((row) => COLUMNS.map(([, value]) => cellOf(value(row))));
  return writeXlsxFile([header, ...cells], { sheet: 'counts', stickyRowsCount: 1 }).toBuffer();
}

function cellOf(value: Cell) {
  if (value === null || value === '') return null;
  return typeof value === 'number' ? { value, type: Number } : { value, type: String };
}
