import { z } from 'zod';
import { MAX_INCIDENT_TEXT, REVIEW_STATUSES, SEVERITIES } from './incident-words.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const section = z
  .string()
  .trim()
  .max(4 * MAX_INCIDENT_TEXT);
const person = z.string().trim().min(1).max(100);
const duration = z.number().nullable().describe('ms; null where it did not happen');

export const reviewSectionsSchema = z
  .object({
    owner: person.nullable(),
    summary: section,
    rootCause: section,
    contributing: section,
    wentWell: section,
    lessons: section.describe('what others can learn from it'),
  })
  .partial();

export const newActionItemSchema = z.object({
  text: z.string().trim().min(1).max(500),
  owner: person,
  dueAt: utcMs,
});

const actionItemSchema = z.object({
  id: z.string(),
  text: z.string(),
  owner: z.string(),
  dueAt: utcMs,
  doneAt: utcMs.nullable(),
  doneBy: z.string().nullable(),
  verifiedAt: utcMs.nullable(),
  verifiedBy: z.string().nullable().describe('neither its owner nor who did it'),
});

/** What happened, from the timeline. */
const factsSchema = z.object({
  detectMs: duration.describe('from the beginning of the trouble to the incident, ms'),
  acknowledgeMs: duration,
  acknowledgeTargetMs: z.int(),
  mitigateMs: duration,
  resolveMs: duration,
  resolveTargetMs: z.int(),
  paged: z.array(z.string()).describe('who was paged, with the level, such as "lan (L1)"'),
  people: z.array(z.string()).describe('who acted'),
  missedTargets: z.array(z.string()).describe('timers that ran out'),
});

export const reviewSchema = z.object({
  incident: z.string(),
  severity: z.enum(SEVERITIES),
  status: z.enum(REVIEW_STATUSES),
  required: z.boolean().describe('the incident is closed by it only'),
  owner: z.string().nullable(),
  summary: z.string().describe('written from the timeline until somebody writes another one'),
  rootCause: z.string(),
  contributing: z.string(),
  wentWell: z.string(),
  lessons: z.string(),
  submittedBy: z.string().nullable(),
  reviewedBy: z.string().nullable(),
  waivedReason: z.string().nullable(),
  dueAt: utcMs.nullable(),
  facts: factsSchema,
  actions: z.array(actionItemSchema),
});

export const lessonsSchema = z.object({
  lessons: z.array(
    z.object({
      incident: z.string(),
      title: z.object({ en: z.string(), vi: z.string() }),
      severity: z.enum(SEVERITIES),
      startedAt: utcMs,
      status: z.enum(REVIEW_STATUSES),
      summary: z.string(),
      rootCause: z.string(),
      lessons: z.string(),
      openActions: z.int().describe('not verified yet'),
      overdueActions: z.int().describe('of those, past their day'),
    }),
  ),
});

export type Review = z.infer<typeof reviewSchema>;
export type ReviewFacts = z.infer<typeof factsSchema>;
export type ReviewSections = z.infer<typeof reviewSectionsSchema>;
export type ActionItem = z.infer<typeof actionItemSchema>;
export type NewActionItem = z.infer<typeof newActionItemSchema>;
export type Lesson = z.infer<typeof lessonsSchema>['lessons'][number];
