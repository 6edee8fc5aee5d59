import { sql } from 'kysely';
import { isoWithOffset } from '../counts/zone.js';
import type { Lesson, Review } from '../schema/reviews.js';
import type { Queryable } from '../store/store.js';
import { readActionItems } from './action-items.js';
import { readIncident } from './incidents.js';
import { impactAt } from './read.js';
import { draftSummary, factsOf } from './review-facts.js';
import { spanOf, WORDS, type Language } from './review-words.js';
import { readReview } from './reviews.js';
import { needsReview } from './targets.js';
import { readTimeline } from './timeline.js';

/** Lessons of one answer. */
const MOST_LESSONS = 100;

/**
 * The review of an incident; what nobody has written yet is drafted from the timeline.
 * @param now UTC ms
 * @throws ProblemError 404 where there is none
 */
export async function reviewAnswer(
  db: Queryable,
  id: string,
  language: Language,
  now: number,
): Promise<Review> {
  const incident = await readIncident(db, id);
  const review = await readReview(db, id);
  const facts = factsOf(incident, await readTimeline(db, id));
  const impact = await impactAt(db, incident, now);
  const due = await db
    .selectFrom('incident_timer')
    .select('due_at')
    .where('incident', '=', id)
    .where('kind', '=', 'review_due')
    .where('cancelled_at', 'is', null)
    .executeTakeFirst();
  const { status, owner, root_cause: rootCause, contributing, went_well: wentWell } = review;
  return {
    ...{ incident: id, severity: incident.severity, status, required: needsReview(incident.severity), owner },
    summary: review.summary === '' ? draftSummary(incident, { facts, impact }, language) : review.summary,
    ...{ rootCause, contributing, wentWell, submittedBy: review.submitted_by },
    ...{ reviewedBy: review.reviewed_by, waivedReason: review.waived_reason, dueAt: due?.due_at ?? null },
    ...{ facts, actions: await readActionItems(db, id) },
  };
}

/** The whole review as a document, times on the wall clock of the incident's site. @param now UTC ms */
export async function reviewMarkdown(
  db: Queryable,
  id: string,
  language: Language,
  now: number,
): Promise<string> {
  const incident = await readIncident(db, id);
  const review = await reviewAnswer(db, id, language, now);
  const words = WORDS[language];
  const time = (at: number) => isoWithOffset(incident.time_zone, at);
  const section = (name: keyof typeof words.heading, text: string) => [
    `## ${words.heading[name]}`,
    text === '' ? words.heading.none : text,
  ];
  const actions = review.actions.map(({ text, owner, dueAt, doneBy, verifiedBy }) => {
    const state = doneBy === null ? words.open : `${words.done} ${doneBy}`;
    const proof = verifiedBy === null ? '' : `, ${words.verified} ${verifiedBy}`;
    return `- [${verifiedBy === null ? ' ' : 'x'}] ${plain(text)} (${words.owner} ${plain(owner)}, ${words.due} ${time(dueAt)}, ${state}${proof})`;
  });
  const timeline = (await readTimeline(db, id)).map(
    ({ at, actor, channel, kind, text }) =>
      `- ${time(at)} · ${spanOf(Math.max(0, at - incident.started_at), language)} · ${plain(actor)} (${channel}) · ${kind}${text === '' ? '' : `: ${plain(text)}`}`,
  );
  return [
    `# ${words.heading.review} ${id}: ${plain(language === 'vi' ? incident.title_vi : incident.title_en)}`,
    `${words.severity[incident.severity]} · ${words.status[review.status]}`,
    ...section('summary', review.summary),
    ...section('rootCause', review.rootCause),
    ...section('contributing', review.contributing),
    ...section('wentWell', review.wentWell),
    ...section('actions', actions.join('\n')),
    ...section('timeline', timeline.join('\n')),
    '',
  ].join('\n\n');
}

/** One line that is no markup: what people type must not become a heading or a link. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#|]/g, '\\$&');
}

/**
 * What was learnt, the newest first.
 * @param text found anywhere in a review or the title of its incident, whatever its case; empty for all
 */
export async function findLessons(db: Queryable, text: string): Promise<Lesson[]> {
  let query = db
    .selectFrom('review')
    .innerJoin('incident', 'incident.id', 'review.incident')
    .select(['incident.id', 'title_en', 'title_vi', 'severity', 'started_at'])
    .select(['review.status', 'summary', 'root_cause'])
    .select((select) =>
      select
        .selectFrom('action_item')
        .select(({ fn }) => fn.countAll<number>().as('open'))
        .whereRef('action_item.incident', '=', 'review.incident')
        .where('verified_at', 'is', null)
        .as('open'),
    )
    .orderBy('incident.number', 'desc')
    .limit(MOST_LESSONS);
  if (text !== '') query = query.where((where) => where.or(SEARCHED.map((column) => contains(column, text))));
  return (await query.execute()).map((row) => ({
    ...{ incident: row.id, title: { en: row.title_en, vi: row.title_vi }, severity: row.severity },
    ...{ startedAt: row.started_at, status: row.status, summary: row.summary, rootCause: row.root_cause },
    openActions: row.open ?? 0,
  }));
}

const SEARCHED = ['title_en', 'title_vi', 'summary', 'root_cause', 'contributing', 'went_well'] as const;

/** As it was typed, too: SQLite makes ASCII letters small only, and Vietnamese has others. */
function contains(column: (typeof SEARCHED)[number], text: string) {
  const pattern = (part: string) => `%${part.replace(/[\\%_]/g, '\\$&')}%`;
  const ref = sql.ref(column);
  return sql<boolean>`(lower(${ref}) LIKE ${pattern(text.toLowerCase())} ESCAPE '\\' OR ${ref} LIKE ${pattern(text)} ESCAPE '\\')`;
}
