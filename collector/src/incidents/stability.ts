import { isOpen } from '../schema/incident-words.js';
import type { Queryable } from '../store/store.js';
import { readIncident } from './incidents.js';
import { STABLE_MS } from './targets.js';
import { changeTimers, waitingTimers } from './timers.js';

/**
 * An open incident resolves by itself once all of its alerts have been resolved for a quarter of an hour; to be called whenever
 * its alerts changed. @param now UTC ms
 */
export async function watchStability(trx: Queryable, incident: string, now: number): Promise<void> {
  const { status } = await readIncident(trx, incident);
  if (!isOpen(status)) return;
  const alerts = await trx
    .selectFrom('incident_alert')
    .select('resolved_at')
    .where('incident', '=', incident)
    .where('unlinked_at', 'is', null)
    .execute();
  const quiet = alerts.length > 0 && alerts.every(({ resolved_at }) => resolved_at !== null);
  const waits = (await waitingTimers(trx, incident)).some(({ kind }) => kind === 'auto_resolve');
  if (quiet && !waits)
    await changeTimers(
      trx,
      incident,
      { cancel: [], start: [{ kind: 'auto_resolve', dueAt: now + STABLE_MS }] },
      now,
    );
  if (!quiet && waits) await changeTimers(trx, incident, { cancel: ['auto_resolve'], start: [] }, now);
}
