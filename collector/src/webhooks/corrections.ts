import type { Selectable } from 'kysely';
import { SETTLE_MS } from '../counts/late-quarters.js';
import { QUARTER_MS } from '../counts/zone.js';
import type { Store } from '../store/store.js';
import type { Tables } from '../store/tables.js';

type Row = Selectable<Tables['webhook']>;

/** Quarters that a receiver has and that changed since; they follow each other. */
export interface Correction {
  readonly from: number;
  readonly to: number;
  /** Changes up to then are meant (UTC ms). */
  readonly windowTo: number;
}

/**
 * What a receiver is to be sent again. Changes are taken window by window of the time at which they came in, and within one
 * in the order of the quarters: a whole fleet that is back after a day changes each quarter of it many times, and each is
 * sent once. A quarter that changes while its window is sent has moved to the next.
 * @param most quarters
 * @returns undefined when there is nothing, or nothing more in the window that was begun
 */
export async function nextCorrection(
  store: Store,
  webhook: Row,
  { now, most }: { now: number; most: number },
): Promise<Correction | undefined> {
  const { site, created_at, next_at, corrected_to, window_from } = webhook;
  // Only what is settled: a batch that is being stored now is dated before it is seen.
  const windowTo = webhook.window_to ?? now - SETTLE_MS;
  const firstSent = Math.floor(created_at / QUARTER_MS) * QUARTER_MS;
  let query = store
    .selectFrom('late_quarter')
    .select('start_at')
    .distinct()
    .where('changed_at', '>', Math.max(corrected_to, created_at))
    .where('changed_at', '<=', windowTo)
    .where('start_at', '>=', Math.max(firstSent, window_from))
    // What has not been sent yet will be sent with everything.
    .where('start_at', '<', next_at)
    .orderBy('start_at')
    .limit(most);
  if (site !== null)
    query = query.where('gateway', 'in', (select) =>
      select.selectFrom('gateway').select('name').where('site', '=', site),
    );
  const [first, ...others] = (await query.execute()).map(({ start_at }) => start_at);
  if (first === undefined) return undefined;
  let to = first + QUARTER_MS;
  for (const start of others) if (start === to) to += QUARTER_MS;
  return { from: first, to, windowTo };
}
