import { z } from 'zod';
import { SEVERITIES } from './incident-words.js';

const utcMs = z.int().describe('UTC ms');

/** What a drill saw, in the order in which things should happen. */
export const DRILL_STEPS = [
  'fault',
  'pending',
  'firing',
  'incident',
  'queued',
  'sent',
  'delivered',
  'acknowledged',
  'mended',
  'resolved',
] as const;

const stepSchema = z.object({
  step: z.enum(DRILL_STEPS),
  at: utcMs,
  detail: z.string().describe('the channel of a page, who acknowledged; empty for most'),
});

const measureSchema = z.object({
  name: z.enum(['detection', 'paging', 'acknowledgement']),
  ms: z.int().nullable().describe('null when it did not happen, or nobody waited for it'),
  targetMs: z.int(),
  kept: z.boolean().nullable().describe('null when nobody waited for it'),
});

/** A drill as it stands, or as it ended. */
export const drillSchema = z.object({
  id: z.string(),
  scenario: z.string(),
  site: z.string().describe('made for the drill, and gone after it'),
  startedBy: z.string(),
  startedAt: utcMs,
  endedAt: utcMs.nullable(),
  outcome: z
    .enum(['kept', 'missed', 'broken-off'])
    .nullable()
    .describe('all targets kept, one missed, or ended before its time; null while it runs'),
  incident: z.string().nullable().describe('such as INC-12; null where none was opened'),
  severity: z.enum(SEVERITIES).nullable(),
  steps: z.array(stepSchema),
  measures: z.array(measureSchema),
});

export const drillsSchema = z.object({ drills: z.array(drillSchema) });

export type Drill = z.infer<typeof drillSchema>;
export type DrillStep = z.infer<typeof stepSchema>;
export type Measure = z.infer<typeof measureSchema>;
