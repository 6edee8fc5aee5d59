import type { Queryable } from '../store/store.js';
import type { CountTables } from '../store/tables-counts.js';
import type { CountRow } from '../store/tables.js';

/** Sequence numbers back within which the interval before of a line is looked for first: hours of a busy gateway. */
const NEAR_SEQ = 5000;
/** How far back it is looked for after that, for a camera that was switched off for long (ms). */
const FAR_MS = 8 * 24 * 3_600_000;

/** Counts that the totals of a line have and its intervals have not. */
export type LedgerGap = CountTables['ledger_gap'];

type Entry = Pick<
  CountRow,
  'seq' | 'start_at' | 'end_at' | 'in_count' | 'out_count' | 'total_in' | 'total_out'
>;

/**
 * What is missing between intervals of one outbox and line that follow each other: the totals before an interval, which
 * never reset, must be those after the one in front of it.
 * @param entries by their sequence numbers
 */
export function missingBetween(
  entries: readonly Entry[],
): { from: number; to: number; in: number; out: number }[] {
  return entries.slice(1).flatMap((entry, index) => {
    const before = entries[index];
    if (before === undefined) return [];
    const missing = {
      in: Math.max(0, entry.total_in - entry.in_count - before.total_in),
      out: Math.max(0, entry.total_out - entry.out_count - before.total_out),
    };
    if (missing.in + missing.out === 0) return [];
    // A clock that was set back meanwhile must not make the stretch end before it begins.
    return [{ from: before.end_at, to: Math.max(before.end_at, entry.start_at), ...missing }];
  });
}

/**
 * Hold new intervals of one outbox against its totals; runs in the transaction that stored them.
 * @param refilled some of them fill a hole in front of intervals that are stored already
 * @returns what is missing now and was not known before
 */
export async function checkLedger(
  db: Queryable,
  outbox: { gateway: string; epoch: string },
  { rows, refilled }: { rows: readonly CountRow[]; refilled: boolean },
  now: number,
): Promise<LedgerGap[]> {
  const found: LedgerGap[] = [];
  for (const [first, ...more] of linesIn(rows)) {
    const line = { ...outbox, camera: first.camera, line: first.line };
    const before = await entryBefore(db, line, first);
    const entries = refilled
      ? await entriesFrom(db, line, { from: before?.seq ?? first.seq, to: more.at(-1)?.seq ?? first.seq })
      : [...(before === undefined ? [] : [before]), first, ...more];
    if (refilled) await forget(db, line, entries);
    for (const { from, to, in: missing_in, out: missing_out } of missingBetween(entries))
      found.push({ ...line, from_at: from, to_at: to, missing_in, missing_out, found_at: now });
  }
  if (found.length > 0)
    await db
      .insertInto('ledger_gap')
      .values(found)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  // A hole that is filled in part was known before.
  return refilled ? [] : found;
}

function linesIn(rows: readonly CountRow[]): [CountRow, ...CountRow[]][] {
  const lines = new Map<string, [CountRow, ...CountRow[]]>();
  for (const row of rows) {
    const key = `${row.camera}/${row.line}`;
    const known = lines.get(key);
    if (known === undefined) lines.set(key, [row]);
    else known.push(row);
  }
  return [...lines.values()];
}

type Line = Pick<LedgerGap, 'gateway' | 'epoch' | 'camera' | 'line'>;

function entriesOf(db: Queryable, { gateway, epoch, camera, line }: Line) {
  return db
    .selectFrom('count_interval')
    .select(['seq', 'start_at', 'end_at', 'in_count', 'out_count', 'total_in', 'total_out'])
    .where('gateway', '=', gateway)
    .where('epoch', '=', epoch)
    .where('camera', '=', camera)
    .where('line', '=', line);
}

async function entryBefore(
  db: Queryable,
  line: Line,
  { seq, start_at }: CountRow,
): Promise<Entry | undefined> {
  const before = entriesOf(db, line).where('seq', '<', seq).orderBy('seq', 'desc').limit(1);
  const near = await before.where('seq', '>=', seq - NEAR_SEQ).executeTakeFirst();
  // The outbox is younger than that: there is nothing further back.
  if (near !== undefined || seq <= NEAR_SEQ) return near;
  return before.where('start_at', '>', start_at - FAR_MS).executeTakeFirst();
}

/** All entries from one sequence number to the first one behind another. */
async function entriesFrom(db: Queryable, line: Line, seq: { from: number; to: number }): Promise<Entry[]> {
  const entries = await entriesOf(db, line)
    .where('seq', '>=', seq.from)
    .where('seq', '<=', seq.to)
    .orderBy('seq')
    .execute();
  const next = await entriesOf(db, line)
    .where('seq', '>', seq.to)
    .where('seq', '<=', seq.to + NEAR_SEQ)
    .orderBy('seq')
    .limit(1)
    .execute();
  return [...entries, ...next];
}

async function forget(db: Queryable, line: Line, entries: readonly Entry[]): Promise<void> {
  await db
    .deleteFrom('ledger_gap')
    .where('gateway', '=', line.gateway)
    .where('epoch', '=', line.epoch)
    .where('camera', '=', line.camera)
    .where('line', '=', line.line)
    .where('from_at', '>=', entries[0]?.end_at ?? 0)
    .where('from_at', '<', entries.at(-1)?.start_at ?? 0)
    .execute();
}
