/** Keys that are remembered; the oldest is forgotten first, so that an attacker cannot fill the memory. */
const MAX_KEYS = 10_000;

/** Counts failures per key (an account, an address) in a sliding window and says when to refuse. */
export class Attempts {
  private readonly failures = new Map<string, number[]>();
  private readonly limit: number;
  private readonly windowMs: number;

  /** @param options.limit failures within `windowMs` milliseconds after which a key is refused */
  constructor(options: { limit: number; windowMs: number }) {
    this.limit = options.limit;
    this.windowMs = options.windowMs;
  }

  /** Milliseconds for which the key is still refused; 0 when it may try. */
  refusedFor(key: string, now: number): number {
    const recent = this.recent(key, now);
    const first = recent[recent.length - this.limit];
    return first === undefined ? 0 : first + this.windowMs - now;
  }

  fail(key: string, now: number): void {
    const recent = this.recent(key, now).slice(-this.limit);
    recent.push(now);
    this.failures.delete(key);
    this.failures.set(key, recent);
    for (const oldest of this.failures.keys()) {
      if (this.failures.size <= MAX_KEYS) break;
      this.failures.delete(oldest);
    }
  }

  /** The right password ends the count. */
  succeed(key: string): void {
    this.failures.delete(key);
  }

  /** Take back the newest failure, for attempts that are counted before their outcome is known. */
  forgive(key: string): void {
    this.failures.get(key)?.pop();
  }

  /** The most failures of one key in the window that ends now. */
  most(now: number): number {
    let most = 0;
    for (const key of this.failures.keys()) most = Math.max(most, this.recent(key, now).length);
    return most;
  }

  private recent(key: string, now: number): number[] {
    return (this.failures.get(key) ?? []).filter((at) => now - at < this.windowMs);
  }
}
