import type { Step } from './evaluate.js';
import { moved, nextMove, opened, type Move } from './machine.js';
import { columnsOf, newRow, type AlertRow } from './rows.js';

/** What a tick makes of one alert. */
export interface Planned {
  /** As it stands in the database; undefined for one that opens. */
  readonly before: AlertRow | undefined;
  /** As it is first written: pending, for one that opens. */
  readonly pending: AlertRow;
  readonly opens: boolean;
  readonly after: AlertRow;
  readonly move: Move;
  /** The move that people can see, if there is one. */
  readonly transition: Exclude<Move, { kind: 'none' }> | undefined;
}

/** Moves that stand in an alert's history and may be told. */
const VISIBLE: ReadonlySet<Move['kind']> = new Set(['fire', 'clear', 'refire', 'resolve']);

/**
 * All alerts that fire or clear after the tick, and those that change in it.
 * @param rows the ones that fired or cleared before, and the pending ones that fire now
 */
export function planTick(rows: readonly AlertRow[], steps: readonly Step[]): Planned[] {
  const left = new Map(rows.map((row) => [row.id, row]));
  const planned: Planned[] = [];
  for (const step of steps) {
    if (step.row === undefined) planned.push(openingOf(step));
    const row = left.get(step.row?.id ?? '');
    if (row === undefined) continue;
    left.delete(row.id);
    planned.push(changeOf(step, row));
  }
  planned.push(...[...left.values()].map(unchanged));
  return planned;
}

function unchanged(row: AlertRow): Planned {
  const move: Move = { kind: 'none' };
  return { before: row, pending: row, opens: false, after: row, move, transition: undefined };
}

/** It fires at once where its rule does not wait. */
function openingOf({ rule, condition, sample, key, timing, move }: Step): Planned {
  if (rule === undefined || condition === undefined || sample === undefined)
    throw new Error(`nothing says why ${key} opens`);
  const first = opened(timing.now);
  const pending = newRow({ rule, condition, sample, key }, first, timing);
  const next = nextMove(first, 'true', timing);
  const base = { before: undefined, pending, opens: true, move };
  if (next.kind !== 'fire') return { ...base, after: pending, transition: undefined };
  return {
    ...base,
    after: { ...pending, ...columnsOf(moved(first, next, timing.now), timing) },
    transition: next,
  };
}

function changeOf({ instance, move, timing, sample }: Step, row: AlertRow): Planned {
  if (instance === undefined || move.kind === 'none') return unchanged(row);
  const value = typeof sample?.value === 'number' ? sample.value : row.value;
  const after = { ...row, value, ...columnsOf(moved(instance, move, timing.now), timing) };
  const transition = VISIBLE.has(move.kind) ? move : undefined;
  return {
    before: row,
    pending: row,
    opens: false,
    after,
    move,
    transition,
  };
}
