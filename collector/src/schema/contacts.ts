import { z } from 'zod';
import { CHANNEL_KINDS, type ChannelKind } from './notification-words.js';
import { httpsTarget } from './webhooks.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');

/** E.164. */
export const phoneSchema = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'must be a number with its country, such as +84901234567');

/** What an address of each kind looks like. */
const ADDRESSES = {
  email: z.email().max(254),
  sms: phoneSchema,
  voice: phoneSchema,
  slack: z
    .string()
    .regex(/^[UWCDG][A-Z0-9]{6,20}$/)
    .or(httpsTarget),
  discord: z
    .string()
    .regex(/^\d{17,20}$/)
    .or(httpsTarget),
  webhook: httpsTarget,
} as const;

const language = z.enum(['en', 'vi']).describe('of the messages');

export const newContactSchema = z
  .strictObject({ kind: z.enum(CHANNEL_KINDS), address: z.string().trim().max(500), language })
  .check(({ value, issues }) => {
    const { success } = ADDRESSES[value.kind].safeParse(value.address);
    if (!success)
      issues.push({ code: 'custom', path: ['address'], message: HINTS[value.kind], input: value.address });
  });

const HINTS: Readonly<Record<ChannelKind, string>> = {
  email: 'must be an e-mail address, such as lan@example.com',
  sms: 'must be a number with its country, such as +84901234567',
  voice: 'must be a number with its country, such as +84901234567',
  slack: 'must be the id of a member or channel, such as U012AB3CD, or the https:// address of a webhook',
  discord: 'must be the id of a user or channel (17 to 20 digits), or the https:// address of a webhook',
  webhook: 'must begin with https:// (http:// only for this machine)',
};

export const changeContactSchema = z.strictObject({
  language: language.optional(),
  enabled: z.boolean().optional(),
});
export const contactCodeSchema = z.strictObject({
  code: z.string().regex(/^\d{6}$/, 'must be the six digits that were sent'),
});

export const contactSchema = z.object({
  id: z.uuid(),
  kind: z.enum(CHANNEL_KINDS),
  address: z.string(),
  language,
  verifiedAt: utcMs.nullable().describe('null: nobody is paged there before it is verified'),
  disabledReason: z.string().nullable().describe('why nothing is sent there; null while it is in use'),
  lastOkAt: utcMs.nullable(),
  lastFailAt: utcMs.nullable(),
});
export const contactsSchema = z.object({ contacts: z.array(contactSchema) });

export type NewContact = z.infer<typeof newContactSchema>;
export type ContactChange = z.infer<typeof changeContactSchema>;
export type OwnContact = z.infer<typeof contactSchema>;
