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

export type AccuracyAnswer = z.infer<typeof accuracySchema>;
export type LineAccuracy = AccuracyAnswer['lines'][number];
export type DueReason = (typeof DUE_REASONS)[number];
