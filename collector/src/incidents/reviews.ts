import type { Selectable } from 'kysely';
import type { ReviewStatus } from '../schema/incident-words.js';
import { ProblemError } from '../schema/problem.js';
import type { ReviewSections } from '../schema/reviews.js';
import type { Queryable } from '../store/store.js';
import type { IncidentRow, IncidentTables } from '../store/tables-incidents.js';
import { lockIncident, moveIncident } from './incidents.js';
import { writeTimeline, type By } from './timeline.js';

type Row = Selectable<IncidentTables['review']>;
/** What may happen to a review. */
export type ReviewMove = 'submit' | 'return' | 'approve' | 'close' | 'waive';

const MOVES: Readonly<Record<ReviewStatus, Partial<Readonly<Record<ReviewMove, ReviewStatus>>>>> = {
  draft: { submit: 'in_review', waive: 'waived' },
  in_review: { return: 'draft', approve: 'reviewed', waive: 'waived' },
  reviewed: { return: 'draft', close: 'closed' },
  closed: {},
  waived: {},
};

/** Begin the review of an incident unless it has one. @param now UTC ms */
export async function ensureReview(trx: Queryable, { id, holder }: IncidentRow, now: number): Promise<void> {
  await trx
    .insertInto('review')
    .values({
      ...{ incident: id, status: 'draft', owner: holder, created_at: now, changed_at: now },
      ...{ summary: '', root_cause: '', contributing: '', went_well: '' },
    })
    .onConflict((known) => known.doNothing())
    .execute();
}

/** @throws ProblemError 404 where the incident has no review */
export async function readReview(db: Queryable, incident: string): Promise<Row> {
  const row = await db.selectFrom('review').selectAll().where('incident', '=', incident).executeTakeFirst();
  if (row === undefined)
    throw new ProblemError(404, `${incident} has no review; one begins when it is resolved`);
  return row;
}

/** Begin the review of a milder incident, which needs none. @throws ProblemError 409 while it is open */
export async function startReview(
  trx: Queryable,
  id: string,
  { by, now }: { by: By; now: number },
): Promise<void> {
  const incident = await lockIncident(trx, id);
  if (incident.resolved_at === null)
    throw new ProblemError(409, `${id} is ${incident.status}; resolve it first`);
  await ensureReview(trx, { ...incident, holder: incident.holder ?? by.actor }, now);
}

/** Change what is written. @throws ProblemError 409 once somebody has reviewed it */
export async function writeReview(
  trx: Queryable,
  id: string,
  { owner, summary, rootCause, contributing, wentWell, lessons }: ReviewSections,
  now: number,
): Promise<void> {
  await lockIncident(trx, id);
  const { status } = await readReview(trx, id);
  if (status !== 'draft' && status !== 'in_review')
    throw new ProblemError(409, `the review of ${id} is ${status}; return it to draft to change it`);
  await trx
    .updateTable('review')
    .set({
      changed_at: now,
      ...(owner !== undefined && { owner }),
      ...(summary !== undefined && { summary }),
      ...(rootCause !== undefined && { root_cause: rootCause }),
      ...(contributing !== undefined && { contributing }),
      ...(wentWell !== undefined && { went_well: wentWell }),
      ...(lessons !== undefined && { lessons }),
    })
    .where('incident', '=', id)
    .execute();
}

/** What a review is for must stand in it: what caused the incident, what made it possible or worse, and what others can learn. */
function refuseUnwritten({ root_cause: rootCause, contributing, lessons }: Row): void {
  const missing = Object.entries({ rootCause, contributing, lessons }).find(([, text]) => text === '');
  if (missing !== undefined)
    throw new ProblemError(409, `${missing[0]}: write it before others review it; "none" is an answer, too`);
}

/**
 * Move a review; closing or waiving it closes its incident.
 * @throws ProblemError 409 where there is no such move, a section is missing, or the same person would review their own work
 */
export async function moveReview(
  trx: Queryable,
  id: string,
  { move, reason = '' }: { move: ReviewMove; reason?: string },
  { by, now }: { by: By; now: number },
): Promise<void> {
  const incident = await lockIncident(trx, id);
  const review = await readReview(trx, id);
  const status = MOVES[review.status][move];
  if (status === undefined) {
    const possible = Object.keys(MOVES[review.status]).join(', ') || 'nothing';
    throw new ProblemError(409, `the review of ${id} is ${review.status}; possible: ${possible}`);
  }
  if (move === 'submit') refuseUnwritten(review);
  if (move === 'approve' && review.submitted_by === by.actor)
    throw new ProblemError(409, 'whoever submitted the review cannot approve it; ask somebody else');
  await trx
    .updateTable('review')
    .set({
      ...{ status, changed_at: now },
      ...(move === 'submit' && { submitted_by: by.actor }),
      ...(move === 'approve' && { reviewed_by: by.actor }),
      ...(move === 'return' && { submitted_by: null, reviewed_by: null }),
      ...(move === 'waive' && { waived_reason: reason }),
    })
    .where('incident', '=', id)
    .execute();
  await writeTimeline(trx, id, { by, kind: 'review', text: reason, data: { move } }, now);
  const over = status === 'closed' || status === 'waived';
  // A milder incident closes by itself; its review may end later.
  if (over && incident.status !== 'closed') await moveIncident(trx, incident, 'close', { by, now });
}
