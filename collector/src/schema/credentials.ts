import { slugSchema } from '@headcount/shared';
import { z } from 'zod';
import { timeZoneSchema } from './sites.js';

export const newCodeSchema = z.strictObject({
  site: slugSchema.optional().describe('site of a new gateway ("main" where it is left out)'),
  timeZone: timeZoneSchema.optional().describe('IANA zone of a new site'),
  validHours: z.int().min(1).max(720).default(24),
});

export const madeCodeSchema = z.object({
  code: z.string().describe('shown this once; works once'),
  expiresAt: z.int().describe('UTC milliseconds since 1970'),
  command: z.string().describe('to type on the gateway'),
});

export const newPasswordSchema = z.strictObject({
  overlapHours: z
    .int()
    .min(0)
    .max(720)
    .default(24)
    .describe('how long the password before still counts; 0 for one that was lost'),
});

export const passwordSchema = z.object({ password: z.string().describe('shown this once') });

export const revokedSchema = z.object({
  certificates: z.int().min(0).describe('certificates that opened something until now'),
});

export type MadeCode = z.infer<typeof madeCodeSchema>;
export type NewCode = z.infer<typeof newCodeSchema>;
