import { sql } from 'kysely';
import { insertRows } from '../store/insert.js';
import type { Queryable, Store } from '../store/store.js';
import type { Counted } from './rollup-rows.js';
import { QUARTER_MS } from './zone.js';

/** Gateways that are connected have sent a quarter's last minute by then (ms after its end): it is settled. */
export const SETTLE_MS = 120_000;
/** A batch is dated when it begins to be stored, and may be stored a little later than that (ms). */
const MARGIN_MS = 30_000;
/** A receiver of corrections may be away for so long (ms). */
const KEPT_MS = 30 * 24 * 3_600_000;

/**
 * Note which settled quarters a batch changes, so that whoever was sent them can be sent them again. It runs in the
 * transaction of the batch. One row per gateway and quarter, however often it changes: batches of different gateways never
 * wait for each other here.
 */
export async function noteLateQuarters(
  db: Queryable,
  gateway: string,
  { counted, now }: { counted: readonly Counted[]; now: number },
): Promise<void> {
  const settled = now + MARGIN_MS - SETTLE_MS - QUARTER_MS;
  const starts = new Set<number>();
  for (const { start, end } of counted) {
    const first = Math.floor(start / QUARTER_MS) * QUARTER_MS;
    for (let at = first; at < end && at <= settled; at += QUARTER_MS) starts.add(at);
  }
  const rows = [...starts].map((start_at) => ({ gateway, start_at, changed_at: now }));
  await insertRows(db, 'late_quarter', rows, (insert) =>
    insert.onConflict((conflict) =>
      conflict.columns(['gateway', 'start_at']).doUpdateSet({ changed_at: sql`excluded.changed_at` }),
    ),
  );
}

/** Forget changes that nobody has fetched in 30 days. @returns how many */
export async function purgeLateQuarters(store: Store, now: number): Promise<number> {
  const { numDeletedRows } = await store
    .deleteFrom('late_quarter')
    .where('changed_at', '<', now - KEPT_MS)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
