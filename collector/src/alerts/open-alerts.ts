import type { Store } from '../store/store.js';
import type { AlertRow, OpenAlert } from './rows.js';

/** Values of one statement; SQLite takes 32,766. */
const IDS = 500;

/** Alerts that people see: those that fire, and those that are about to end. */
export async function shownAlerts(store: Store): Promise<AlertRow[]> {
  return store.selectFrom('alert').selectAll().where('state', 'in', ['firing', 'clearing']).execute();
}

/** Alerts whose condition has not been true for long enough. Thousands wait for days, so that only what tells them apart is read. */
export async function pendingAlerts(store: Store): Promise<OpenAlert[]> {
  const rows = await store
    .selectFrom('alert')
    .select(['id', 'rule', 'condition', 'dedup_key', 'first_true_at'])
    .where('state', '=', 'pending')
    .execute();
  return rows.map((row) => ({
    ...{ ...row, state: 'pending', fired_at: null, clearing_at: null, resolved_at: null },
    ...{ resolve_reason: null, unknown_since: null, no_data_since: null, flaps: '[]' },
  }));
}

/** All that is stored of alerts. */
export async function wholeAlerts(store: Store, ids: readonly string[]): Promise<AlertRow[]> {
  const rows: AlertRow[] = [];
  for (let first = 0; first < ids.length; first += IDS)
    rows.push(
      ...(await store
        .selectFrom('alert')
        .selectAll()
        .where('id', 'in', ids.slice(first, first + IDS))
        .execute()),
    );
  return rows;
}
