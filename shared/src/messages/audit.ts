import { z } from 'zod';
import { utcMsSchema } from '../envelope.js';
import { slugSchema } from '../topics.js';

const crossingsSchema = z.object({ in: z.int().min(0).max(1000), out: z.int().min(0).max(1000) });

/** Why a clip was kept: `crossing` if the machine counted in it, `near` if somebody came near the line and it did not. */
export const AUDIT_STRATA = ['crossing', 'near'] as const;

/** What a person counted in a clip, beside what the machine had counted. Fields stand in the order in which they are signed. */
export const auditResultSchema = z.object({
  gateway: slugSchema,
  camera: slugSchema,
  line: slugSchema,
  from: utcMsSchema.describe('start of the clip'),
  to: utcMsSchema.describe('end of the clip'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('of the clip as it was shown'),
  stratum: z.enum(AUDIT_STRATA),
  kept: z.int().min(1).describe('clips that the drawing kept of this stratum in its hour'),
  of: z.int().min(1).describe('clips that there were to draw from; kept / of is the chance of this one'),
  person: crossingsSchema,
  machine: crossingsSchema,
  answeredAt: utcMsSchema,
  configVersion: z.string().min(1).max(64),
  modelHash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** One audited clip. */
export const auditRecordSchema = z.object({
  kind: z.literal('audit'),
  result: auditResultSchema,
  signature: z.string().max(200).describe('Ed25519 over the JSON text of `result`, base64'),
  publicKey: z.string().max(200).describe('SubjectPublicKeyInfo of the gateway, base64 DER'),
});

export type AuditResult = z.infer<typeof auditResultSchema>;
export type AuditRecord = z.infer<typeof auditRecordSchema>;
