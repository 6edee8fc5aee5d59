import { sql } from 'kysely';
import type { ErrorGroup, ErrorGroupDetail, ErrorGroupState } from '../schema/errors.js';
import { ProblemError } from '../schema/problem.js';
import type { Queryable, Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import type { ErrorExample, SeenErrors } from './error-lines.js';

/** Groups that are kept; nobody reads more, and a flood of new ones must not fill the database. */
const MOST_GROUPS = 500;

type Row = Tables['error_group'];

/**
 * Add what was seen to its groups. A resolved group that comes back in a later version than it was resolved in is open
 * again.
 * @param version of the collector that saw it
 */
export async function storeErrors(store: Store, seen: readonly SeenErrors[], version: string): Promise<void> {
  if (seen.length === 0) return;
  await store.transaction().execute(async (trx) => {
    for (const errors of seen) await addToGroup(trx, errors, version);
    await reopenRegressed(trx, seen, version);
    await forgetSurplus(trx);
  });
}

async function addToGroup(db: Queryable, errors: SeenErrors, version: string): Promise<void> {
  const { fingerprint, type, message, firstAt, lastAt, count } = errors;
  const example = JSON.stringify(errors.example);
  await db
    .insertInto('error_group')
    .values({
      ...{ fingerprint, type, message, count, example, first_at: firstAt, last_at: lastAt, state: 'open' },
      ...{ first_version: version, last_version: version },
      ...{ state_by: null, state_at: null, resolved_version: null, regressed_at: null },
    })
    .onConflict((conflict) =>
      conflict.column('fingerprint').doUpdateSet((row) => ({
        count: row('error_group.count', '+', count),
        last_at: lastAt,
        last_version: version,
        example,
      })),
    )
    .execute();
}

async function reopenRegressed(db: Queryable, seen: readonly SeenErrors[], version: string): Promise<void> {
  const resolved = await db
    .selectFrom('error_group')
    .select(['fingerprint', 'resolved_version', 'last_at'])
    .where('state', '=', 'resolved')
    .where(
      'fingerprint',
      'in',
      seen.map(({ fingerprint }) => fingerprint),
    )
    .execute();
  for (const { fingerprint, resolved_version, last_at } of resolved) {
    if (!isLater(version, resolved_version ?? '')) continue;
    await db
      .updateTable('error_group')
      .set({ state: 'open', resolved_version: null, regressed_at: last_at })
      .where('fingerprint', '=', fingerprint)
      .execute();
  }
}

/** Whether a version such as 1.10.0 comes after another one such as 1.9.2. */
function isLater(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}

/** Resolved ones go first, then those that were not seen for longest. */
async function forgetSurplus(db: Queryable): Promise<void> {
  const groups = await db
    .selectFrom('error_group')
    .select('fingerprint')
    .orderBy(sql`CASE WHEN state = 'resolved' THEN 1 ELSE 0 END`)
    .orderBy('last_at', 'desc')
    .execute();
  const surplus = groups.slice(MOST_GROUPS).map(({ fingerprint }) => fingerprint);
  if (surplus.length > 0) await db.deleteFrom('error_group').where('fingerprint', 'in', surplus).execute();
}

/** What to list. */
export interface ErrorGroupFilter {
  readonly state?: ErrorGroupState | undefined;
  /** Only groups behind this one. */
  readonly after?: { readonly lastAt: number; readonly fingerprint: string } | undefined;
  readonly limit: number;
}

/** Groups, the one that was seen last first. */
export async function listErrorGroups(
  store: Store,
  { state, after, limit }: ErrorGroupFilter,
): Promise<ErrorGroup[]> {
  let query = store
    .selectFrom('error_group')
    .selectAll()
    .orderBy('last_at', 'desc')
    .orderBy('fingerprint', 'desc')
    .limit(limit);
  if (state !== undefined) query = query.where('state', '=', state);
  if (after !== undefined)
    query = query.where(sql<boolean>`(last_at, fingerprint) < (${after.lastAt}, ${after.fingerprint})`);
  return (await query.execute()).map(groupOf);
}

/** One group with its newest error. @throws ProblemError 404 */
export async function errorGroup(store: Store, fingerprint: string): Promise<ErrorGroupDetail> {
  const row = await store
    .selectFrom('error_group')
    .selectAll()
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();
  if (row === undefined) throw missing();
  return { ...groupOf(row), example: JSON.parse(row.example) as ErrorExample };
}

/**
 * Resolve, ignore or open a group again.
 * @throws ProblemError 404
 */
export async function setErrorState(
  db: Queryable,
  fingerprint: string,
  { state, by, version }: { state: ErrorGroupState; by: string; version: string },
  now: number,
): Promise<void> {
  const resolved_version = state === 'resolved' ? version : null;
  const { numUpdatedRows } = await db
    .updateTable('error_group')
    .set({ state, state_by: by, state_at: now, resolved_version, regressed_at: null })
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw missing();
}

/** Groups that nobody has resolved or ignored. */
export async function openErrorGroups(store: Store): Promise<number> {
  const { groups } = await store
    .selectFrom('error_group')
    .select(({ fn }) => fn.countAll<number>().as('groups'))
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  return groups;
}

const missing = () => new ProblemError(404, 'there is no such error group; it may have been forgotten');

function groupOf(row: Row): ErrorGroup {
  return {
    ...{ fingerprint: row.fingerprint, type: row.type, message: row.message, count: row.count },
    ...{ firstAt: row.first_at, lastAt: row.last_at, state: row.state },
    ...{ firstVersion: row.first_version, lastVersion: row.last_version },
    ...{ stateBy: row.state_by, stateAt: row.state_at, regressedAt: row.regressed_at },
  };
}
