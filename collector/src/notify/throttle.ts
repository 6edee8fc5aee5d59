import { TokenBucket, type Rate } from '../broker/token-bucket.js';
import type { ChannelKind, NotificationSeverity } from '../schema/notification-words.js';

/** Buckets and pauses that are remembered; the oldest are forgotten first. */
const MAX_KEYS = 10_000;
/** A contact that is sent too much is looked at again after so long (ms). */
const LOOK_AGAIN_MS = 1000;

/** What one contact takes: a phone rings less often than a mailbox fills. */
const PER_CONTACT: Readonly<Record<ChannelKind, Rate>> = {
  email: { perSecond: 1 / 15, burst: 10 },
  slack: { perSecond: 1 / 5, burst: 10 },
  discord: { perSecond: 1 / 5, burst: 10 },
  webhook: { perSecond: 1, burst: 20 },
  sms: { perSecond: 1 / 60, burst: 5 },
  voice: { perSecond: 1 / 60, burst: 3 },
};
/** Slack: "one message per second per channel", docs.slack.dev/apis/web-api/rate-limits. */
const SLACK_CHANNEL: Rate = { perSecond: 1, burst: 1 };

/** A message that wants to be sent. */
interface Candidate {
  readonly contact: string;
  readonly channel: ChannelKind;
  readonly address: string;
  readonly severity: NotificationSeverity;
}

/** How often contacts and channels are used: in memory, because a restart that lets a few more through harms nobody. */
export class Throttle {
  private readonly buckets = new Map<string, TokenBucket>();
  private readonly pauses = new Map<string, number>();

  /**
   * Take the right to send now. A critical message never waits for its contact's share, but for what the provider takes.
   * @returns 0, or how long to wait before the next try (ms)
   */
  take({ contact, channel, address, severity }: Candidate, now: number): number {
    const place = `${channel} ${address}`;
    const paused = (this.pauses.get(place) ?? 0) - now;
    if (paused > 0) return paused;
    if (channel === 'slack' && !this.bucket(place, SLACK_CHANNEL, now).take(now)) return LOOK_AGAIN_MS;
    const free = this.bucket(`${contact} ${channel}`, PER_CONTACT[channel], now).take(now);
    return free || severity === 'critical' ? 0 : LOOK_AGAIN_MS;
  }

  /** The provider takes nothing more for an address for a while. */
  pause({ channel, address }: Pick<Candidate, 'channel' | 'address'>, until: number): void {
    remember(this.pauses, `${channel} ${address}`, until);
  }

  private bucket(key: string, rate: Rate, now: number): TokenBucket {
    const known = this.buckets.get(key) ?? new TokenBucket(rate, now);
    remember(this.buckets, key, known);
    return known;
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KEYS) break;
    map.delete(oldest);
  }
}
