import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { DENSITIES, LIGHTS, LONGEST_TALLY_MS, MAX_NOTE_LENGTH } from './audit-terms.js';

const MINUTE_MS = 60_000;
/** More than two crossings a second for all of it. */
const MOST_CROSSINGS = 30_000;

const count = z.int().min(0);
const utcMs = z.int().describe('UTC milliseconds since 1970');
const wholeMinute = z
  .int()
  .min(0)
  .multipleOf(MINUTE_MS, 'must be a whole minute, as counts are stored: a multiple of 60000 ms');
const crossings = z.object({ in: count, out: count });

export const lineRefSchema = z.object({ gateway: slugSchema, camera: slugSchema, line: slugSchema });

/** What a person counted who stood at the door. */
export const newTallySchema = z
  .object({
    id: z.uuid().describe('made by who sends it: the same tally again changes nothing'),
    ...lineRefSchema.shape,
    from: wholeMinute,
    to: wholeMinute,
    crossings: z
      .array(z.object({ at: utcMs, direction: z.enum(['in', 'out']) }))
      .max(MOST_CROSSINGS)
      .describe('every person, when they were counted'),
    light: z.enum(LIGHTS).nullable().default(null),
    density: z.enum(DENSITIES).nullable().default(null),
    note: z.string().trim().max(MAX_NOTE_LENGTH).default(''),
  })
  .refine(({ from, to }) => to > from && to - from <= LONGEST_TALLY_MS, {
    path: ['to'],
    message: `must lie after "from", by ${LONGEST_TALLY_MS / 3_600_000} hours at most`,
  })
  .refine(({ from, to, crossings: all }) => all.every(({ at }) => at >= from && at < to), {
    path: ['crossings'],
    message: 'each must lie between "from" and "to"; leave out what was counted outside',
  });

/** Why minutes of an audit cannot be compared. */
export const HOLES = ['not-stored', 'not-observed', 'merged', 'clock-set', 'changed'] as const;

export const manualAuditSchema = z.object({
  id: z.string(),
  ...lineRefSchema.shape,
  from: utcMs,
  to: utcMs,
  method: z.enum(['live', 'import']),
  auditor: z.string(),
  createdAt: utcMs,
  light: z.enum(LIGHTS).nullable(),
  density: z.enum(DENSITIES).nullable(),
  note: z.string(),
  truth: crossings.describe('what the person counted in the whole span'),
  state: z
    .enum(['waiting', 'compared', 'not-comparable'])
    .describe(
      'waiting: the counts of the span have not arrived; not-comparable: no minute of it can be used',
    ),
  compared: z
    .object({
      minutes: count,
      person: crossings,
      machine: crossings,
      misses: count,
      extra: count,
      turned: count,
    })
    .nullable()
    .describe('the minutes that can be compared, person beside machine; null while waiting'),
  leftOut: z
    .array(z.object({ reason: z.enum(HOLES), minutes: count }))
    .describe('minutes that are in no comparison, and why'),
  modelHash: z.string().nullable(),
  configVersion: z.string().nullable(),
});

export const manualAuditsSchema = z.object({ audits: z.array(manualAuditSchema) });

export const importedSchema = z.object({
  stored: count.describe('rows that are new'),
  unchanged: count.describe('rows that were imported before'),
});

export type NewTally = z.infer<typeof newTallySchema>;
export type ManualAudit = z.infer<typeof manualAuditSchema>;
export type Hole = (typeof HOLES)[number];
export type LineRef = z.infer<typeof lineRefSchema>;
export type ImportAnswer = z.infer<typeof importedSchema>;
