import { z } from 'zod';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const text = z.string().trim().min(1).max(200);

const foundSchema = z.object({
  component: text.describe('such as a package, an image or a host'),
  version: text,
  vulnerability: text.describe('such as CVE-2026-1234'),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  kev: z.boolean().default(false).describe('in the list of known exploited vulnerabilities of CISA'),
  exposed: z.boolean().default(false).describe('strangers can reach it'),
});

export const scanSchema = z.object({
  findings: z
    .array(foundSchema)
    .max(5000)
    .describe('all that the scanner finds now; what it found before and does not name any more is fixed'),
});

export const scanAnswerSchema = z.object({ found: z.int(), opened: z.int(), fixed: z.int() });

export const findingsSchema = z.object({
  findings: z.array(
    foundSchema.extend({
      id: z.uuid(),
      source: z.string(),
      state: z.enum(['open', 'fixed', 'accepted']),
      firstSeenAt: utcMs,
      dueAt: utcMs.nullable().describe('critical 15 days, high 30, known exploited and exposed 3; else null'),
      acceptedUntil: utcMs.nullable(),
      acceptedBy: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
});

export const acceptFindingSchema = z.object({
  until: utcMs.describe('at most a year from now; it is overdue again after it'),
  reason: z.string().trim().min(10).max(500),
});

export type Found = z.infer<typeof foundSchema>;
export type Finding = z.infer<typeof findingsSchema>['findings'][number];
