import type { ChannelKind } from '../schema/notification-words.js';

/** An address as others may see it: webhooks hold secrets in their paths, and numbers are somebody's own. */
export function masked(channel: ChannelKind, address: string): string {
  if (URL.canParse(address) && address.includes('://')) return `${new URL(address).host}/…`;
  if (channel === 'email') return address.replace(/^(.).*(?=@)/, '$1…');
  if (channel === 'sms' || channel === 'voice') return `${address.slice(0, 3)}…${address.slice(-3)}`;
  return address;
}
