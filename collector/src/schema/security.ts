import { z } from 'zod';
import { ROLES, SCOPES } from './role.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');
const username = z.string().regex(/^\S{1,64}$/, 'must be 1 to 64 characters without spaces');
const password = z.string().min(1).max(256);

export const loginSchema = z.object({
  username: z.string().min(1).max(64),
  password,
  code: z
    .string()
    .max(32)
    .optional()
    .describe('of the authenticator app, or a recovery code; needed where the account has a second factor'),
});

export const sessionSchema = z.object({
  username: z.string(),
  role: z.enum(ROLES),
  expiresAt: utcMs,
  mustChangePassword: z.boolean().describe('nothing else is allowed before'),
  totp: z.boolean().describe('the account has a second factor'),
});

export const sessionsSchema = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      current: z.boolean(),
      createdAt: utcMs,
      seenAt: utcMs,
      address: z.string(),
      browser: z.string(),
    }),
  ),
});

export const changePasswordSchema = z.object({ current: password, next: password });
export const totpOfferSchema = z.object({
  secret: z.string().describe('base32, for an app that cannot scan'),
  uri: z.string(),
  svg: z.string().describe('QR code'),
});
export const totpConfirmSchema = z.object({ code: z.string().min(6).max(8) });
export const recoveryCodesSchema = z.object({
  recoveryCodes: z.array(z.string()).describe('shown this once'),
});
export const ownPasswordSchema = z.object({ password });

const personSchema = z.object({
  username: z.string(),
  role: z.enum(ROLES),
  createdAt: utcMs,
  disabledAt: utcMs.nullable(),
  totp: z.boolean(),
  seenAt: utcMs.nullable().describe('newest use of a session that is open'),
});
export const peopleSchema = z.object({ people: z.array(personSchema) });
export const newPersonSchema = z.object({ username, role: z.enum(ROLES) });
export const oneTimePasswordSchema = z.object({
  username: z.string(),
  password: z
    .string()
    .nullable()
    .describe('shown this once; the person must choose another; null where it was kept'),
});
export const changePersonSchema = z.object({
  role: z.enum(ROLES).optional(),
  disabled: z.boolean().optional(),
  newPassword: z.literal(true).optional(),
  resetTotp: z.literal(true).optional(),
});

const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  createdBy: z.string(),
  createdAt: utcMs,
  expiresAt: utcMs,
  usedAt: utcMs.nullable(),
  revokedAt: utcMs.nullable(),
});
export const tokensSchema = z.object({ tokens: z.array(tokenSchema) });
export const newTokenSchema = z.object({
  name: z.string().min(1).max(64),
  scopes: z.array(z.enum(SCOPES)).min(1),
  days: z.int().min(1).max(366).default(90),
});
export const madeTokenSchema = z.object({
  id: z.string(),
  token: z.string().describe('shown this once'),
  expiresAt: utcMs,
});

const auditEntrySchema = z.object({
  seq: z.int(),
  at: utcMs,
  actor: z.string(),
  address: z.string(),
  action: z.string(),
  object: z.string(),
  result: z.enum(['done', 'refused', 'failed']),
  detail: z.string(),
  prev_hash: z.string().describe('hash of the entry in front of it'),
  hash: z.string(),
});
const beginning = z.string().min(1).max(100).optional().describe('beginning of the field');
export const auditLogQuerySchema = z.object({
  actor: beginning,
  action: beginning,
  object: beginning,
  cursor: z.string().max(100).optional().describe('"next" of the answer before'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export const auditLogSchema = z.object({
  entries: z.array(auditEntrySchema),
  next: z.string().nullable().describe('cursor of the next page; null on the last one'),
});

export type Session = z.infer<typeof sessionSchema>;
export type OwnSession = z.infer<typeof sessionsSchema>['sessions'][number];
export type TotpOffer = z.infer<typeof totpOfferSchema>;
export type Person = z.infer<typeof personSchema>;
export type ApiToken = z.infer<typeof tokenSchema>;
export type AuditLogEntry = z.infer<typeof auditEntrySchema>;
