import { slugSchema } from '@headcount/shared';
import { z } from 'zod';

const count = z.int().min(0);
const share = z.number().min(0).max(1).nullable();
const utcMs = z.int().describe('UTC milliseconds since 1970');

/** Why a line should be audited. */
export const DUE_REASONS = [
  'never-audited',
  'model-changed',
  'config-changed',
  'pose-changed',
  'too-old',
  'risk',
  'too-few',
] as const;

/** What makes audits different from each other: the part of the site day, the light, and how many people cross. */
export const STRATUM_KINDS = ['hours', 'light', 'density'] as const;

/** Signs between audits that a line counts wrongly. */
export const RISK_KINDS = ['occupancy-left', 'stitched', 'suspect', 'weekday-change'] as const;

const assessment = {
  events: count.describe('crossings that people counted'),
  misses: count,
  extra: count,
  turned: count.describe('counted, but the other way round'),
  accuracy: share.describe('1 - mistakes / crossings, clips weighed by how many they stand for'),
  lower: share.describe('with 95 % certainty at least so much'),
  upper: share.describe('with 95 % certainty at most so much'),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
};

export const accuracySchema = z.object({
  target: z.number(),
  now: utcMs.describe('of the collector: a tally keeps its time'),
  lines: z.array(
    z.object({
      site: slugSchema,
      timeZone: z.string().describe('IANA time zone of the site'),
      gateway: slugSchema,
      camera: slugSchema,
      cameraName: z.string(),
      line: slugSchema,
      lineName: z.string(),
      directions: z.object({ in: z.string(), out: z.string() }).describe('what people call them'),
      clips: count.describe('clips that were audited at the gateway'),
      audits: count.describe('live tallies and imported rows'),
      ...assessment,
      eventsNeeded: count
        .nullable()
        .describe('crossings at which the verdict would be "pass" at this accuracy; null: never'),
      worst: z
        .object({
          kind: z.enum(STRATUM_KINDS),
          name: z.string().describe('hours of the site day such as "06-10", a light or a density'),
          ...assessment,
        })
        .nullable()
        .describe(
          'the stratum with the lowest accuracy; null while there are no two of a kind to tell apart',
        ),
      lastAuditAt: utcMs.nullable(),
      due: z.enum(DUE_REASONS).nullable().describe('why it should be audited now; null while it need not'),
    }),
  ),
});

const riskSchema = z.object({
  kind: z
    .enum(RISK_KINDS)
    .describe(
      'occupancy-left: people left at closing; stitched: counts from two tracks taken for one person; suspect: counted from a bad picture; weekday-change: unlike the same weekday of the weeks before',
    ),
  site: slugSchema,
  timeZone: z.string(),
  gateway: slugSchema.nullable().describe('null for a sign of all entrances of the site'),
  camera: slugSchema.nullable(),
  line: slugSchema.nullable(),
  value: z
    .number()
    .describe('a share; below 0 where more people left than came. weekday-change: crossings of the day'),
  expected: z.number().nullable().describe('weekday-change: median of the same weekday; else null'),
  threshold: z.number().describe('the value, or its distance from what was expected, is more than this'),
  basis: count.describe('on how much it rests: people who came, crossings, observed minutes, or weeks'),
  since: utcMs,
  sentence: z.string().describe('all of it in English'),
});

export const risksSchema = z.object({ risks: z.array(riskSchema) });

export type Risk = z.infer<typeof riskSchema>;
export type RiskKind = Risk['kind'];
export type AccuracyAnswer = z.infer<typeof accuracySchema>;
export type LineAccuracy = AccuracyAnswer['lines'][number];
export type DueReason = (typeof DUE_REASONS)[number];
