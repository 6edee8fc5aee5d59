import { sql } from 'kysely';
import { isoWithOffset } from '../counts/zone.js';
import type { Block, Document, Item } from '../documents/document.js';
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
    ...{ rootCause, contributing, wentWell, lessons: review.lessons, submittedBy: review.submitted_by },
    ...{ reviewedBy: review.reviewed_by, waivedReason: review.waived_reason, dueAt: due?.due_at ?? null },
    ...{ facts, actions: await readActionItems(db, id) },
  };
}

/** The whole review as a document, times on the wall clock of the incident's site. @param now UTC ms */
export async function reviewDocument(
  db: Queryable,
  id: string,
  language: Language,
  now: number,
): Promise<Document> {
  const incident = await readIncident(db, id);
  const review = await reviewAnswer(db, id, language, now);
  const words = WORDS[language];
  const { heading } = words;
  const time = (at: number) => isoWithOffset(incident.time_zone, at);
  const section = (name: keyof typeof heading, text: string): Block[] => [
    { kind: 'heading', text: heading[name] },
    { kind: 'text', text: text === '' ? heading.none : text },
  ];
  const list = (name: keyof typeof heading, items: Item[]): Block[] =>
    items.length === 0
      ? section(name, '')
      : [
          { kind: 'heading', text: heading[name] },
          { kind: 'list', items },
        ];
  const actions = review.actions.map(({ text, owner, dueAt, doneBy, verifiedBy }) => {
    const state = doneBy === null ? words.open : `${words.done} ${doneBy}`;
    const proof = verifiedBy === null ? '' : `, ${words.verified} ${verifiedBy}`;
    return {
      text: `${text} (${words.owner} ${owner}, ${words.due} ${time(dueAt)}, ${state}${proof})`,
      done: verifiedBy !== null,
    };
  });
  const timeline = (await readTimeline(db, id)).map(({ at, actor, channel, kind, text }) => {
    const after = spanOf(Math.max(0, at - incident.started_at), language);
    return {
      text: `${time(at)} · ${after} · ${actor} (${channel}) · ${kind}${text === '' ? '' : `: ${text}`}`,
    };
  });
  return {
    title: `${heading.review} ${id}: ${language === 'vi' ? incident.title_vi : incident.title_en}`,
    subtitle: `${words.severity[incident.severity]} · ${words.status[review.status]} · ${incident.time_zone}`,
    language,
    blocks: [
      ...section('summary', review.summary),
      ...section('rootCause', review.rootCause),
      ...section('contributing', review.contributing),
      ...section('lessons', review.lessons),
      ...section('wentWell', review.wentWell),
      ...list('actions', actions),
      ...list('timeline', timeline),
    ],
  };
}

/**
 * What was learnt, the newest first.
 * @param now UTC ms
 * @param text found anywhere in a review or the title of its incident, whatever its case; empty for all
 */
export async function findLessons(db: Queryable, text: string, now: number): Promise<Lesson[]> {
  let query = db
    .selectFrom('review')
    .innerJoin('incident', 'incident.id', 'review.incident')
    .select(['incident.id', 'title_en', 'title_vi', 'severity', 'started_at'])
    .select(['review.status', 'summary', 'root_cause', 'lessons'])
    .select((select) => {
      const open = select
        .selectFrom('action_item')
        .select(({ fn }) => fn.countAll<number>().as('many'))
        .whereRef('action_item.incident', '=', 'review.incident')
        .where('verified_at', 'is', null);
      return [open.as('open'), open.where('due_at', '<', now).as('overdue')];
    })
    .orderBy('incident.number', 'desc')
    .limit(MOST_LESSONS);
  if (text !== '') query = query.where((where) => where.or(SEARCHED.map((column) => contains(column, text))));
  return (await query.execute()).map((row) => ({
    ...{ incident: row.id, title: { en: row.title_en, vi: row.title_vi }, severity: row.severity },
    ...{ startedAt: row.started_at, status: row.status, summary: row.summary, rootCause: row.root_cause },
    ...{ lessons: row.lessons, openActions: row.open ?? 0, overdueActions: row.overdue ?? 0 },
  }));
}

const SEARCHED = [
  ...(['title_en', 'title_vi', 'summary', 'root_cause', 'contributing', 'went_well', 'lessons'] as const),
] as const;

/** As it was typed, too: SQLite makes ASCII letters small only, and Vietnamese has others. */
function contains(column: (typeof SEARCHED)[number], text: string) {
  const pattern = (part: string) => `%${part.replace(/[\\%_]/g, '\\$&')}%`;
  const ref = sql.ref(column);
  return sql<boolean>`(lower(${ref}) LIKE ${pattern(text.toLowerCase())} ESCAPE '\\' OR ${ref} LIKE ${pattern(text)} ESCAPE '\\')`;
}
