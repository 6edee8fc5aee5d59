import type { Outcomes } from '../schema/reports.js';
import type { Queryable } from '../store/store.js';
import type { ReportSpan } from './span.js';

/** What became of an incident; see {@link outcomesOf}. */
export type Outcome = 'acted' | 'seen' | 'untouched' | 'open';

/**
 * What became of each incident that was opened in a span; merged ones are their parent's. "Every page should be actionable" (SRE
 * book, Beyer et al. 2016, chapter 6), so it is asked whether a person did something:
 * - acted: somebody acknowledged it, and then ticked a step of its checklist, mitigated it, resolved it by hand, or wrote down an action item;
 * - untouched: it was over by itself, and none of that had happened, not even an acknowledgement;
 * - seen: it was over, and somebody had looked, but there was nothing to do;
 * - open: it is not over, and nobody has acted yet; it is not judged.
 */
export async function outcomesOf(db: Queryable, span: ReportSpan): Promise<Map<string, Outcome>> {
  const rows = await db
    .selectFrom('incident')
    .select(['id', 'status', 'acked_at'])
    .select((select) => [
      select
        .selectFrom('incident_event')
        .select('seq')
        .whereRef('incident', '=', 'incident.id')
        .where('kind', 'in', ['mitigate', 'resolve'])
        .limit(1)
        .as('by_hand'),
      select
        .selectFrom('incident_step')
        .select('position')
        .whereRef('incident', '=', 'incident.id')
        .where('done_at', 'is not', null)
        .limit(1)
        .as('step'),
      select
        .selectFrom('action_item')
        .select('id')
        .whereRef('action_item.incident', '=', 'incident.id')
        .limit(1)
        .as('item'),
    ])
    .where('started_at', '>=', span.from)
    .where('started_at', '<', span.to)
    .where('status', '<>', 'merged')
    .execute();
  return new Map(
    rows.map(({ id, status, acked_at, by_hand, step, item }) => {
      const did = by_hand !== null || step !== null || item !== null;
      if (did && acked_at !== null) return [id, 'acted'];
      if (status !== 'resolved' && status !== 'closed') return [id, 'open'];
      return [id, did || acked_at !== null ? 'seen' : 'untouched'];
    }),
  );
}

/** How many there are of each, and the share of those that somebody did something about. */
export function tally(outcomes: Iterable<Outcome>): Outcomes {
  const counts = { acted: 0, seen: 0, untouched: 0, open: 0 };
  for (const outcome of outcomes) counts[outcome] += 1;
  const judged = counts.acted + counts.seen + counts.untouched;
  return { ...counts, actionableShare: judged === 0 ? null : counts.acted / judged };
}
