import { z } from 'zod';
import { INCIDENT_STATUSES, SEVERITIES } from './incident-words.js';
import { noteSchema } from './oncall.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const count = z.int().min(0);
const incident = z.object({
  id: z.string(),
  title: z.object({ en: z.string(), vi: z.string() }),
  severity: z.enum(SEVERITIES),
  status: z.enum(INCIDENT_STATUSES),
});

const shiftSchema = z.object({
  user: z.string().nullable().describe('null while nobody was on duty'),
  from: utcMs,
  to: utcMs.nullable().describe('null for the one that runs'),
  opened: count,
  acknowledged: count.describe('for the first time'),
  resolved: count,
  pages: count.describe('that were sent, to whomever'),
  incidents: z.array(
    incident.extend({ opened: z.boolean(), acknowledged: z.boolean(), resolved: z.boolean() }),
  ),
});

export const handoverSchema = z.object({
  at: utcMs,
  timeZone: z.string().describe('of the schedule'),
  open: z
    .array(
      incident.extend({
        startedAt: utcMs,
        holder: z.string().nullable().describe('who has it now'),
        note: noteSchema.nullable().describe('the newest one on its timeline'),
      }),
    )
    .describe('incidents that are open now, the newest first; 50 at most'),
  openTotal: count,
  shifts: z
    .array(shiftSchema)
    .describe('the one that runs, then those before it back to the last one of a person'),
  notes: z.array(noteSchema).describe('hand-over notes of the last seven days, the newest first'),
});

export type Handover = z.infer<typeof handoverSchema>;
export type HandoverShift = Handover['shifts'][number];
