/** Words of notifications, without a validator, so that the console's page stays small. */

/** Ways by which a person is reached. */
export const CHANNEL_KINDS = ['email', 'slack', 'discord', 'sms', 'voice', 'webhook'] as const;
/** What a message is about; each has a template of its own. */
export const NOTIFICATION_KINDS = ['page', 'update', 'resolved', 'test', 'verify', 'digest'] as const;
export const NOTIFICATION_STATES = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'failed',
  'unknown',
  'cancelled',
  'superseded',
] as const;
/** From the worst down. */
export const URGENCIES = ['critical', 'high', 'medium', 'low'] as const;

/** What the contacts of weekly test pages begin with. */
export const WEEKLY_TEST = 'weekly';

export type ChannelKind = (typeof CHANNEL_KINDS)[number];
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];
export type NotificationState = (typeof NOTIFICATION_STATES)[number];
export type NotificationSeverity = (typeof URGENCIES)[number];
export type MessageLanguage = 'en' | 'vi';
