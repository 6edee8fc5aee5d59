import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A login lasts for so long (ms). */
const SESSION_MS = 12 * 3_600_000;
const MAX_SESSIONS = 100;
/** Wrong PINs from one address before it has to wait, and how long: doubling from the first to the last (ms). */
const FREE_ATTEMPTS = 5;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 15 * 60_000;
/** Addresses that are remembered; the oldest is forgotten first. */
const MAX_ADDRESSES = 1000;
/** Wrong PINs from all addresses within an hour before everybody has to wait: a PIN has only a million values. */
const MAX_FAILURES_PER_HOUR = 100;
const HOUR_MS = 3_600_000;

/** What a PIN attempt came to. */
export type LoginResult =
  | { readonly kind: 'ok'; readonly token: string; readonly maxAgeSeconds: number }
  | { readonly kind: 'wrong'; readonly attemptsLeft: number }
  | { readonly kind: 'locked'; readonly seconds: number };

interface Failures {
  count: number;
  lockedUntil: number;
}

/** PIN logins with lock-out; sessions live in memory only and are kept as hashes. Times are monotonic ms. */
export class Logins {
  private readonly pin: Buffer;
  private readonly sessions = new Map<string, number>();
  private readonly failures = new Map<string, Failures>();
  private recentFailures: number[] = [];

  constructor(pin: string) {
    this.pin = sha256(pin);
  }

  logIn(pin: string, address: string, now: number): LoginResult {
    const locked = this.lockedFor(address, now);
    if (locked > 0) return { kind: 'locked', seconds: Math.ceil(locked / 1000) };
    if (!timingSafeEqual(sha256(pin), this.pin)) return this.fail(address, now);
    this.failures.delete(address);
    const token = randomBytes(32).toString('base64url');
    this.sessions.set(keyOf(token), now + SESSION_MS);
    trim(this.sessions, MAX_SESSIONS);
    return { kind: 'ok', token, maxAgeSeconds: SESSION_MS / 1000 };
  }

  isValid(token: string, now: number): boolean {
    const until = this.sessions.get(keyOf(token));
    return until !== undefined && until > now;
  }

  logOut(token: string): void {
    this.sessions.delete(keyOf(token));
  }

  private lockedFor(address: string, now: number): number {
    this.recentFailures = this.recentFailures.filter((at) => now - at < HOUR_MS);
    const [oldest] = this.recentFailures;
    if (this.recentFailures.length >= MAX_FAILURES_PER_HOUR && oldest !== undefined)
      return oldest + HOUR_MS - now;
    return (this.failures.get(address)?.lockedUntil ?? 0) - now;
  }

  private fail(address: string, now: number): LoginResult {
    const entry = this.failures.get(address) ?? { count: 0, lockedUntil: 0 };
    entry.count += 1;
    const over = entry.count - FREE_ATTEMPTS;
    if (over >= 0) entry.lockedUntil = now + Math.min(FIRST_LOCK_MS * 2 ** over, LONGEST_LOCK_MS);
    this.failures.set(address, entry);
    trim(this.failures, MAX_ADDRESSES);
    this.recentFailures.push(now);
    if (over >= 0) return { kind: 'locked', seconds: Math.ceil((entry.lockedUntil - now) / 1000) };
    return { kind: 'wrong', attemptsLeft: -over };
  }
}

function trim(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function keyOf(token: string): string {
  return sha256(token).toString('hex');
}
