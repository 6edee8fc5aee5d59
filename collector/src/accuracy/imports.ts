import { randomUUID } from 'node:crypto';
import { isoWithOffset } from '../counts/zone.js';
import type { Hole, LineRef } from '../schema/manual-audits.js';
import type { Queryable } from '../store/store.js';
import { audited, comparedColumns, intervalsIn, type AuditRow } from './audits.js';
import { compareSpan, type Part } from './compare.js';
import type { FileError, ImportRow } from './import-file.js';

/** Why a row cannot be compared, and what to do. */
const PROBLEMS: Readonly<Record<Hole, string>> = {
  'not-stored': 'the collector has no counts for all of this time; import the row when they have arrived',
  'not-observed': 'the line was not observed for all of this time; leave that time out',
  merged: 'the counts of this time are kept in longer stretches than this row; use their beginnings and ends',
  'clock-set': 'the clock of the gateway was set in this time; leave it out',
  changed: 'the model or the configuration changed in this time; split the row there',
};

/** Rows that are new, with what the machine counted, and how many were imported before. */
export interface Prepared {
  readonly rows: AuditRow[];
  readonly unchanged: number;
  readonly errors: FileError[];
}

/**
 * Compare imported rows with the stored counts of their spans. One number stands for a whole row, so that mistakes in it cancel out:
 * rows of a minute to a quarter of an hour say more than whole days.
 * @param context.now UTC ms
 */
export async function prepareImport(
  db: Queryable,
  rows: readonly ImportRow[],
  context: { line: LineRef; timeZone: string; auditor: string; now: number },
): Promise<Prepared> {
  const prepared: Prepared & { unchanged: number } = { rows: [], unchanged: 0, errors: [] };
  for (const row of rows) {
    const found = await prepareRow(db, row, context);
    if (found === 'unchanged') prepared.unchanged++;
    else if ('path' in found) prepared.errors.push(found);
    else prepared.rows.push(found);
  }
  return prepared;
}

async function prepareRow(
  db: Queryable,
  row: ImportRow,
  { line, timeZone, auditor, now }: { line: LineRef; timeZone: string; auditor: string; now: number },
): Promise<AuditRow | FileError | 'unchanged'> {
  const span = { start: row.from, end: row.to };
  const [other] = await audited(db, line, span);
  if (other !== undefined) {
    if (isSame(other, row)) return 'unchanged';
    const time = `${isoWithOffset(timeZone, other.from_at)} to ${isoWithOffset(timeZone, other.to_at)}`;
    const message = `${other.auditor} audited this line from ${time} (${other.method}, in ${other.truth_in}, out ${other.truth_out}); leave the row out, or let an administrator remove that audit`;
    return { path: `row ${row.row}, from`, message };
  }
  const part = compareSpan(span, { in: row.in, out: row.out }, await intervalsIn(db, line, span));
  if (typeof part === 'string') return { path: `row ${row.row}, from`, message: PROBLEMS[part] };
  return importedRow(row, part, { line, auditor, now });
}

function isSame(stored: AuditRow, { from, to, light, density, note, ...counts }: ImportRow): boolean {
  return (
    stored.method === 'import' &&
    stored.from_at === from &&
    stored.to_at === to &&
    stored.truth_in === counts.in &&
    stored.truth_out === counts.out &&
    stored.light === light &&
    stored.density === density &&
    stored.note === note
  );
}

function importedRow(
  { from, to, light, density, note, ...counts }: ImportRow,
  part: Part,
  { line, auditor, now }: { line: LineRef; auditor: string; now: number },
): AuditRow {
  const { gateway, camera, line: id } = line;
  return {
    ...{ id: randomUUID(), gateway, camera, line: id, from_at: from, to_at: to, method: 'import' },
    ...{ truth_in: counts.in, truth_out: counts.out, minutes: null, light, density, note },
    ...{ auditor, created_at: now, ...comparedColumns([part]) },
  };
}
