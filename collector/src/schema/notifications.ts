import { z } from 'zod';
import { CHANNEL_KINDS, NOTIFICATION_KINDS, NOTIFICATION_STATES, URGENCIES } from './notification-words.js';

const utcMs = z.int().describe('UTC milliseconds since 1970');

export const notificationsQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.string().max(100).optional().describe('`next` of the page before'),
});

const attemptSchema = z.object({
  n: z.int(),
  startedAt: utcMs,
  endedAt: utcMs,
  outcome: z.enum(['ok', 'temp', 'perm', 'unknown']),
  status: z.int().nullable().describe('what the receiver answered'),
  error: z.string().nullable(),
});

const notificationSchema = z.object({
  id: z.uuid(),
  incident: z.string().nullable(),
  kind: z.enum(NOTIFICATION_KINDS),
  severity: z.enum(URGENCIES),
  title: z.object({ en: z.string(), vi: z.string() }),
  channel: z.enum(CHANNEL_KINDS),
  address: z.string().describe('not whole: an address may be a secret'),
  state: z.enum(NOTIFICATION_STATES),
  duplicate: z.boolean().describe('the receiver may have it twice, and it says so'),
  attempts: z.array(attemptSchema),
  nextAt: utcMs.nullable(),
  error: z.string().nullable(),
  createdAt: utcMs,
  sentAt: utcMs.nullable(),
  deliveredAt: utcMs.nullable(),
  ackedAt: utcMs.nullable(),
  ackedBy: z.string().nullable(),
});

export const notificationsSchema = z.object({
  notifications: z.array(notificationSchema).describe('the newest first'),
  next: z.string().nullable(),
});

export const notificationChannelsSchema = z.object({
  channels: z.array(z.enum(CHANNEL_KINDS)).describe('that are set up'),
  contacts: z
    .array(z.object({ id: z.string(), kind: z.enum(CHANNEL_KINDS), address: z.string() }))
    .describe('your own'),
});

export const channelTestSchema = z.strictObject({
  kind: z.enum(CHANNEL_KINDS),
  address: z.string().trim().min(1).max(500),
  language: z.enum(['en', 'vi']).default('en'),
});
export const contactTestSchema = z.strictObject({ contact: z.string().min(1).max(100) });
export const queuedTestSchema = z.object({ id: z.uuid() });

export type Notification = z.infer<typeof notificationSchema>;
export type NotificationPage = z.infer<typeof notificationsSchema>;
export type NotificationChannels = z.infer<typeof notificationChannelsSchema>;
