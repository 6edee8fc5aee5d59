import { slugSchema } from '@headcount/shared';
import { z } from 'zod';

const count = z.int().min(0);
const share = z.number().min(0).max(1).nullable();

/** Why a line should be audited. */
export const DUE_REASONS = [
  'never-audited',
  'model-changed',
  'config-changed',
  'too-old',
  'too-few',
] as const;

const assessment = {
  clips: count,
  events: count.describe('crossings that people counted in them'),
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
  lines: z.array(
    z.object({
      site: slugSchema,
      gateway: slugSchema,
      camera: slugSchema,
      cameraName: z.string(),
      line: slugSchema,
      lineName: z.string(),
      ...assessment,
      eventsNeeded: count
        .nullable()
        .describe('crossings at which the verdict would be "pass" at this accuracy; null: never'),
      worst: z
        .object({ fromHour: z.int(), toHour: z.int(), ...assessment })
        .nullable()
        .describe('the part of the site day with the lowest accuracy; null while only one was audited'),
      lastAuditAt: z.int().nullable().describe('UTC milliseconds since 1970'),
      due: z.enum(DUE_REASONS).nullable().describe('why it should be audited now; null while it need not'),
    }),
  ),
});

export type AccuracyAnswer = z.infer<typeof accuracySchema>;
export type LineAccuracy = AccuracyAnswer['lines'][number];
export type DueReason = (typeof DUE_REASONS)[number];
