import { recorded, type Intention } from '../audit-log/audit-log.js';
import { resolveIncident } from '../incidents/actions.js';
import { lockIncident, lockOpening } from '../incidents/incidents.js';
import { moveReview } from '../incidents/reviews.js';
import { BY_TIMER } from '../incidents/timeline.js';
import type { Drill } from '../schema/drills.js';
import { isOpen } from '../schema/incident-words.js';
import type { Queryable, Store } from '../store/store.js';
import { abandonedDrills } from './records.js';
import { removeDrillSite } from './site.js';

const REASON = 'the drill has ended';

/** What came of a drill. */
export type DrillResult = Pick<Drill, 'outcome' | 'incident' | 'severity' | 'steps' | 'measures'>;

/** End a drill: its incident is over and needs no review, its site is gone, what was measured stays. */
export async function endDrill(
  store: Store,
  { id, site }: Pick<Drill, 'id' | 'site'>,
  { result, entry }: { result: DrillResult; entry: Intention },
  now: number,
): Promise<void> {
  const { outcome, incident, severity, steps, measures } = result;
  await recorded(store, entry, now, async (trx) => {
    await lockOpening(trx);
    await endIncidents(trx, site, now);
    await removeDrillSite(trx, site);
    const written = { steps: JSON.stringify(steps), measures: JSON.stringify(measures) };
    await trx
      .updateTable('drill')
      .set({ ended_at: now, outcome, incident, severity, ...written })
      .where('id', '=', id)
      .execute();
  });
}

async function endIncidents(trx: Queryable, site: string, now: number): Promise<void> {
  const incidents = await trx
    .selectFrom('incident')
    .select(['id', 'status'])
    .where((where) => where.or([where('asset_path', '=', site), where('asset_path', 'like', `${site}/%`)]))
    .where('status', 'not in', ['closed', 'merged'])
    .execute();
  const doing = { by: BY_TIMER, now };
  for (const { id, status } of incidents) {
    if (isOpen(status)) {
      const incident = await lockIncident(trx, id);
      await resolveIncident(trx, incident, { move: 'auto-resolve', reason: REASON, ...doing });
    }
    const review = await trx
      .selectFrom('review')
      .select('status')
      .where('incident', '=', id)
      .where('status', 'in', ['draft', 'in_review'])
      .executeTakeFirst();
    if (review !== undefined) await moveReview(trx, id, { move: 'waive', reason: REASON }, doing);
  }
}

/** End drills whose program was killed. @param now UTC ms @returns their sites */
export async function sweepDrills(store: Store, now: number): Promise<string[]> {
  const abandoned = await abandonedDrills(store, now);
  for (const drill of abandoned) {
    const { id, scenario, incident, severity, steps, measures } = drill;
    const entry = { actor: 'system', address: 'local', action: 'drill.end', object: id };
    const result = { outcome: 'broken-off', incident, severity, steps, measures } as const;
    await endDrill(store, drill, { result, entry: { ...entry, detail: `${scenario} was killed` } }, now);
  }
  return abandoned.map(({ site }) => site);
}
