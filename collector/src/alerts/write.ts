import type { Queryable } from '../store/store.js';
import { isFlapping } from './machine.js';
import type { Planned } from './plan.js';
import { addEvent, holdingBack, refOf, type AlertRef, type AlertRow } from './rows.js';

/** Rows of one statement; each has thirty columns, and SQLite takes 32,766 values. */
const ROWS = 500;

/** Keep alerts whose condition has become true. One that another collector has opened meanwhile is left to it. */
export async function insertPending(trx: Queryable, rows: readonly AlertRow[]): Promise<void> {
  for (let first = 0; first < rows.length; first += ROWS)
    await trx
      .insertInto('alert')
      .values(rows.slice(first, first + ROWS))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

/** Forget alerts whose condition passed before they fired. */
export async function dropPending(trx: Queryable, ids: readonly string[]): Promise<void> {
  for (let first = 0; first < ids.length; first += ROWS)
    await trx
      .deleteFrom('alert')
      .where('id', 'in', ids.slice(first, first + ROWS))
      .where('state', '=', 'pending')
      .execute();
}

/** Note since when nothing is known of alerts, or that it is known again. */
export async function noteUnknown(trx: Queryable, planned: readonly Planned[], now: number): Promise<void> {
  for (const { move, before, after } of planned) {
    if (before === undefined || !(['unknown', 'known', 'no-data'] as string[]).includes(move.kind)) continue;
    const { unknown_since, no_data_since, clearing_at, due_at } = after;
    await trx
      .updateTable('alert')
      .set({ unknown_since, no_data_since, clearing_at, due_at })
      .where('id', '=', after.id)
      .where('state', '=', before.state)
      .execute();
    const told = move.kind === 'no-data' || (move.kind === 'known' && before.no_data_since !== null);
    if (told) await addEvent(trx, { alert: after.id, kind: move.kind === 'known' ? 'data' : 'no-data' }, now);
  }
}

interface WriteOptions {
  readonly now: number;
  /** Why nobody is told; undefined where nobody is told of the state anyway. */
  readonly reasons: readonly string[] | undefined;
  readonly onFiring: (trx: Queryable, alert: AlertRef) => Promise<void>;
  readonly onResolved: (trx: Queryable, alert: AlertRef) => Promise<void>;
}

/** Write what became of an alert, its history, and hand it on. */
export async function write(
  trx: Queryable,
  { before, pending, after, transition }: Planned,
  options: WriteOptions,
): Promise<('announced' | 'held' | 'released')[]> {
  const { now, reasons } = options;
  const was = before ?? pending;
  const suppressed_by = reasons === undefined ? was.suppressed_by : JSON.stringify(reasons);
  const free = reasons !== undefined && holdingBack(reasons).length === 0;
  const announces = free && was.announced_at === null;
  const row = { ...after, suppressed_by, announced_at: announces ? now : was.announced_at };
  const { id, ...columns } = row;
  const { numUpdatedRows } = await trx
    .updateTable('alert')
    .set(columns)
    .where('id', '=', id)
    .where('state', '=', was.state)
    .executeTakeFirst();
  // A person or another collector was faster.
  if (numUpdatedRows !== 1n) return [];
  await tellHistory(trx, { was, row, transition }, now);
  if (transition?.kind === 'resolve') await options.onResolved(trx, refOf(row));
  if (announces) await options.onFiring(trx, refOf(row));
  const [before_, after_] = [was.suppressed_by !== '[]', suppressed_by !== '[]'];
  return [
    ...(announces ? (['announced'] as const) : []),
    ...(after_ && !before_ ? (['held'] as const) : []),
    ...(before_ && !after_ ? (['released'] as const) : []),
  ];
}

async function tellHistory(
  trx: Queryable,
  { was, row, transition }: { was: AlertRow; row: AlertRow; transition: Planned['transition'] },
  now: number,
): Promise<void> {
  const { id, value, severity, resolve_reason: reason, suppressed_by } = row;
  if (transition !== undefined) {
    const data = transition.kind === 'resolve' ? { reason } : { value, severity };
    await addEvent(trx, { alert: id, kind: EVENT[transition.kind] ?? transition.kind, data }, now);
  }
  const [before, after] = [was.flaps, row.flaps].map((flaps) =>
    isFlapping(JSON.parse(flaps) as number[], now),
  );
  if (after === true && before === false) await addEvent(trx, { alert: id, kind: 'flapping' }, now);
  if (suppressed_by !== was.suppressed_by) {
    const reasons = JSON.parse(suppressed_by) as string[];
    await addEvent(
      trx,
      { alert: id, kind: reasons.length > 0 ? 'suppressed' : 'released', data: { reasons } },
      now,
    );
  }
}

/** What the moves are called in the history. */
const EVENT: Readonly<Record<string, string>> = {
  ...{ fire: 'fired', clear: 'clearing', refire: 'returned', resolve: 'resolved' },
};
