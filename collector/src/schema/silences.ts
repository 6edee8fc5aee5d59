import { z } from 'zod';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const rule = z.string().min(1).max(64).describe('slug of the rule; null for every rule');
const path = z
  .string()
  .min(1)
  .max(300)
  .describe('site, site/gateway, site/gateway/camera or …/line, with all below it; null for everywhere');

/** A silence to be made. */
export const newSilenceSchema = z
  .strictObject({
    rule: rule.nullable().default(null),
    path: path.nullable().default(null),
    until: utcMs.describe('at most 24 hours from now; for admins 7 days'),
    reason: z.string().trim().min(3).max(500).describe('for whoever asks why nobody was told'),
  })
  .refine((wanted) => wanted.rule !== null || wanted.path !== null, {
    path: ['rule'],
    error: 'name a rule, a path or both: what silences everything hides everything',
  });

export const silencesQuerySchema = z.object({
  open: z
    .stringbool()
    .default(true)
    .describe('true for silences that count now, false for the last 100 that ended'),
});

export const silencesSchema = z.object({
  silences: z.array(
    z.object({
      id: z.uuid(),
      rule: rule.nullable(),
      path: path.nullable(),
      until: utcMs,
      reason: z.string(),
      author: z.string(),
      createdAt: utcMs,
      unmatchedSince: utcMs
        .nullable()
        .describe('since when no open alert fits; after 24 hours the silence ends by itself'),
      matches: z.int().describe('open alerts that fit now'),
      endedAt: utcMs.nullable().describe('when it ended before its time'),
      endReason: z.enum(['manual', 'unmatched']).nullable(),
      endedBy: z.string().nullable(),
    }),
  ),
});

export type NewSilence = z.infer<typeof newSilenceSchema>;
export type Silence = z.infer<typeof silencesSchema>['silences'][number];
