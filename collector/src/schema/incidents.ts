import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { INCIDENT_STATUSES, MAX_INCIDENT_TEXT, REVIEW_STATUSES, SEVERITIES } from './incident-words.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const count = z.int().min(0);
const severity = z.enum(SEVERITIES);
const bilingual = z.object({ en: z.string(), vi: z.string() });
const text = z.string().trim().max(MAX_INCIDENT_TEXT);
const said = text.min(1, 'write at least a word');

export const incidentIdSchema = z.object({ id: z.string().max(20).describe('such as INC-12') });

export const newIncidentSchema = z.object({
  title: z.string().trim().min(1).max(200),
  severity,
  asset: z
    .string()
    .max(200)
    .regex(/^[^/]+(\/[^/]+){0,2}$/, 'must be a site, site/gateway or site/gateway/camera')
    .optional()
    .describe('where: site, site/gateway or site/gateway/camera'),
  note: text.default('').describe('what is known'),
});

export const saidSchema = z.object({ text: said });
export const reasonSchema = z.object({ reason: said });
export const severityChangeSchema = z.object({
  severity,
  reason: text.default('').describe('needed to lower it'),
});
export const mergeSchema = z.object({ into: z.string().max(20).describe('the incident that goes on') });
export const tickSchema = z.object({ done: z.boolean() });

export const impactSchema = z.object({
  cameras: count.describe('below the assets of the incident'),
  camerasDark: count.describe(
    'of these, how many do not count now; of a resolved incident, how many did not at some time of it',
  ),
  missingCounts: count.describe('crossings that totals prove missing since it began'),
  unobservedMinutes: count.describe('of all lines below together, since it began'),
});

export const incidentSchema = z.object({
  id: z.string(),
  title: bilingual,
  severity,
  status: z.enum(INCIDENT_STATUSES),
  asset: z.object({ kind: z.string(), path: z.string(), name: z.string() }).nullable(),
  timeZone: z.string().describe('IANA, of the site; UTC where it has none'),
  since: utcMs.describe('when the trouble began'),
  startedAt: utcMs.describe('when it was opened'),
  ackedAt: utcMs.nullable().describe('first acknowledgement'),
  holder: z.string().nullable().describe('who has it now'),
  mitigatedAt: utcMs.nullable(),
  resolvedAt: utcMs.nullable(),
  closedAt: utcMs.nullable(),
  mergedInto: z.string().nullable(),
  reopenOf: z.string().nullable(),
  target: z
    .object({ kind: z.enum(['ack_due', 'resolve_due']), dueAt: utcMs })
    .nullable()
    .describe('what must happen next, and by when; null while nothing must'),
});

export const incidentListSchema = z.object({
  now: utcMs.describe('of the collector'),
  incidents: z.array(incidentSchema),
  next: z.string().nullable().describe('cursor of the next page'),
});

const timelineSchema = z.object({
  seq: z.int(),
  at: utcMs,
  actor: z.string(),
  channel: z.string(),
  kind: z.string(),
  text: z.string(),
  data: z.record(z.string(), z.unknown()),
});

export const incidentDetailSchema = incidentSchema.extend({
  now: utcMs.describe('of the collector'),
  runbook: z.string(),
  resolveReason: z.string().nullable(),
  possible: z.array(z.string()).describe('moves that people can make now'),
  leaseUntil: utcMs.nullable().describe('when the acknowledgement ends unless a note renews it'),
  updateDueAt: utcMs.nullable(),
  autoResolveAt: utcMs.nullable(),
  impact: impactSchema.nullable().describe('as of now, or of the resolution; null where it has no place'),
  alerts: z.array(
    z.object({
      id: z.string(),
      rule: z.string(),
      severity,
      title: bilingual,
      asset: z.string(),
      firedAt: utcMs,
      resolvedAt: utcMs.nullable(),
      explains: z
        .array(z.object({ title: bilingual, asset: z.string() }))
        .describe('open alerts that people are not told of because of this one'),
    }),
  ),
  children: z.array(z.string()).describe('incidents that were merged into this one'),
  steps: z.array(
    z.object({
      ...{ position: z.int(), text: bilingual, doneAt: utcMs.nullable(), doneBy: z.string().nullable() },
      runbook: z.string().describe('slug of the runbook that it is from; empty where that was not noted'),
    }),
  ),
  timeline: z.array(timelineSchema),
  timelineWhole: z.boolean().describe('false: somebody changed the timeline in the database'),
  review: z.enum(REVIEW_STATUSES).nullable(),
});

const duration = z.number().nullable().describe('ms; null where there was none');

export const incidentReportSchema = z.object({
  from: utcMs,
  to: utcMs,
  severities: z.array(
    z.object({
      severity,
      incidents: count,
      responseTargetMs: z.int(),
      inTime: count.describe('acknowledged within the target'),
      late: count.describe('acknowledged later, or not yet although the target has passed'),
      inTimeShare: z.number().nullable().describe('inTime / (inTime + late); null while both are 0'),
      mttaMs: duration.describe('mean time from the start to the first acknowledgement, ms'),
      mttrMs: duration.describe('mean time from the start to the resolution, ms'),
    }),
  ),
});

export const incidentQuerySchema = z.object({
  status: z.enum([...INCIDENT_STATUSES, 'open', 'all']).default('all'),
  severity: severity.optional(),
  site: slugSchema.optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export type Impact = z.infer<typeof impactSchema>;
export type Incident = z.infer<typeof incidentSchema>;
export type IncidentDetail = z.infer<typeof incidentDetailSchema>;
export type IncidentList = z.infer<typeof incidentListSchema>;
export type IncidentQuery = z.infer<typeof incidentQuerySchema>;
export type IncidentReport = z.infer<typeof incidentReportSchema>;
export type NewIncidentForm = z.input<typeof newIncidentSchema>;
