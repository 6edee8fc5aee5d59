import type { ChannelKind, MessageLanguage } from '../../schema/notification-words.js';
import type { NotificationChannels, NotificationPage } from '../../schema/notifications.js';
import { call, send } from '../http.js';

/** One page of messages, the newest first. */
export async function fetchNotifications(before: string | null): Promise<NotificationPage> {
  const search = before === null ? '' : `?before=${encodeURIComponent(before)}`;
  return (await call(`/notifications${search}`)) as NotificationPage;
}

/** Channels that are set up, and one's own contacts. */
export async function fetchChannels(): Promise<NotificationChannels> {
  return (await call('/notifications/channels')) as NotificationChannels;
}

export async function testContact(contact: string): Promise<void> {
  await send('POST', '/notifications/own-tests', { contact });
}

/** A test page to any address of a channel. */
export async function testChannel(target: {
  kind: ChannelKind;
  address: string;
  language: MessageLanguage;
}): Promise<void> {
  await send('POST', '/notifications/tests', target);
}
