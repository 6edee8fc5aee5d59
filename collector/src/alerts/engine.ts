import { setImmediate } from 'node:timers/promises';
import type { Queryable, Store } from '../store/store.js';
import { ALERTMANAGER_RULE } from './alertmanager-rule.js';
import { evaluate, type Step } from './evaluate.js';
import { Inhibition } from './inhibition.js';
import type { Move } from './machine.js';
import { pendingAlerts, shownAlerts, wholeAlerts } from './open-alerts.js';
import { planTick, type Planned } from './plan.js';
import type { SignalReader } from './reader.js';
import { holdingBack, type AlertRef, type AlertRow } from './rows.js';
import { currentRules, type CurrentRule } from './rules.js';
import type { AlertPlace } from './silence-matches.js';
import { dropPending, insertPending, noteUnknown, write } from './write.js';

export type { AlertRef } from './rows.js';

/** Transitions that share a transaction: the database waits for the disk once for all of them. */
const AT_ONCE = 100;

/** Tells the reasons besides inhibition why nobody is told of an alert: maintenance and silences. */
export type Suppressions = (trx: Queryable, now: number) => Promise<(alert: AlertPlace) => readonly string[]>;

/** What a tick needs. */
export interface TickOptions {
  /** UTC ms. */
  readonly now: number;
  readonly reader: SignalReader;
  /** Called once for an alert that fires while nothing holds it back, in the transaction that says so. */
  readonly onFiring: (trx: Queryable, alert: AlertRef) => Promise<void>;
  /** Called when an alert that has fired resolves, held back or not. */
  readonly onResolved: (trx: Queryable, alert: AlertRef) => Promise<void>;
  readonly suppressions: Suppressions;
  /** A change of one alert failed; the next tick tries it again. */
  readonly onError: (alert: string, error: unknown) => void;
}

/** How many alerts made which move, how many of them people are told of, and how many are open after the tick. */
export type TickCounts = Readonly<
  Record<Exclude<Move['kind'], 'none'> | 'announced' | 'held' | 'released' | 'failed' | 'stillOpen', number>
>;

/**
 * Look at every signal once and move every alert on. All timers stand in the database, so that a tick after a restart goes on
 * where the last one stopped; a tick that is broken off is made up for by the next.
 */
export async function tickAlerts(store: Store, options: TickOptions): Promise<TickCounts> {
  const { now, reader, suppressions } = options;
  const rules: CurrentRule[] = [...(await currentRules(store)), ALERTMANAGER_RULE];
  const readings = await reader.read(store, now);
  const shown = await shownAlerts(store);
  const open = [...shown, ...(await pendingAlerts(store))];
  // Between the parts of a tick gateways and pages get their turn.
  await setImmediate();
  const steps = await withoutHandled(store, evaluate(rules, readings, open, now));
  await setImmediate();
  const firing = steps.flatMap(({ move, row }) =>
    move.kind === 'fire' && row !== undefined ? [row.id] : [],
  );
  const planned = planTick([...shown, ...(await wholeAlerts(store, firing))], steps);
  const inhibition = new Inhibition(
    rules,
    planned.flatMap(({ after }) => firingAt(after)),
  );
  const suppressed = planned.some(({ after }) => after.state === 'firing')
    ? await store.transaction().execute((trx) => suppressions(trx, now))
    : () => [];
  const held = ({ state, rule, asset_path: path }: AlertRow) =>
    state === 'firing' ? [...inhibition.reasons({ rule, path }), ...suppressed({ rule, path })] : undefined;
  const counts = await store.transaction().execute(async (trx) => {
    await insertPending(
      trx,
      planned.flatMap(({ opens, pending }) => (opens ? [pending] : [])),
    );
    await dropPending(
      trx,
      steps.flatMap(({ move, row }) => (move.kind === 'drop' && row !== undefined ? [row.id] : [])),
    );
    await noteUnknown(trx, planned, now);
    return countMoves(steps, planned);
  });
  await setImmediate();
  const changed = planned.filter(
    (one) => one.transition !== undefined || changesReasons(one, held(one.after)),
  );
  for (let first = 0; first < changed.length; first += AT_ONCE)
    await writeAll(store, changed.slice(first, first + AT_ONCE), { options, held, counts });
  counts.stillOpen = planned.filter(
    ({ after }) => after.state === 'firing' || after.state === 'clearing',
  ).length;
  return counts;
}

type Counts = { -readonly [K in keyof TickCounts]: TickCounts[K] };

function countMoves(steps: readonly Step[], planned: readonly Planned[]): Counts {
  const counts: Counts = {
    ...{ open: 0, drop: 0, fire: 0, clear: 0, refire: 0, resolve: 0, unknown: 0, known: 0, 'no-data': 0 },
    ...{ announced: 0, held: 0, released: 0, failed: 0, stillOpen: 0 },
  };
  for (const { move } of steps) if (move.kind !== 'none') counts[move.kind] += 1;
  // Where a rule does not wait, it opens and fires at once.
  counts.fire += planned.filter(({ opens, transition }) => opens && transition?.kind === 'fire').length;
  return counts;
}

interface WriteContext {
  readonly options: TickOptions;
  readonly held: (row: AlertRow) => string[] | undefined;
  readonly counts: Counts;
}

/** Together, and where that fails one by one: a callback that fails for one alert must not hold the others back. */
async function writeAll(store: Store, planned: readonly Planned[], context: WriteContext): Promise<void> {
  const { options, held, counts } = context;
  const inOne = async (some: readonly Planned[]) => {
    const done = await store.transaction().execute(async (trx) => {
      const results = [];
      for (const one of some) results.push(await write(trx, one, { ...options, reasons: held(one.after) }));
      return results;
    });
    for (const result of done.flat()) counts[result] += 1;
  };
  try {
    await inOne(planned);
  } catch (error) {
    if (planned.length === 1) {
      counts.failed += 1;
      options.onError(planned[0]?.after.dedup_key ?? '', error);
      return;
    }
    for (const one of planned) await writeAll(store, [one], context);
  }
}

function changesReasons({ before, after }: Planned, reasons: readonly string[] | undefined): boolean {
  if (reasons === undefined) return false;
  if (before === undefined || before.suppressed_by !== JSON.stringify(reasons)) return true;
  return holdingBack(reasons).length === 0 && after.announced_at === null;
}

function firingAt({ state, rule, asset_path: path }: AlertRow): { rule: string; path: string }[] {
  return state === 'firing' || state === 'clearing' ? [{ rule, path }] : [];
}

/** What only a person can end does not open again for the same reason. */
async function withoutHandled(store: Store, steps: Step[]): Promise<Step[]> {
  const keys = steps
    .filter(({ move, condition }) => move.kind === 'open' && condition?.clear === null)
    .map(({ key }) => key);
  if (keys.length === 0) return steps;
  const known = await store
    .selectFrom('alert')
    .select('dedup_key')
    .where('dedup_key', 'in', keys)
    .where('state', '=', 'resolved')
    .execute();
  const handled = new Set(known.map((row) => row.dedup_key));
  return steps.filter(({ key, move }) => move.kind !== 'open' || !handled.has(key));
}
