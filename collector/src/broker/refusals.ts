import type { Logger } from 'pino';

/** One kind of refusal of one peer is logged once in this time (ms); the others are counted. */
const PERIOD_MS = 10_000;
/** Most lines in that time, whoever they are about: an attacker can use many addresses and names. */
const MAX_LINES = 20;

/** Logs refusals so that looping clients cannot fill the disk; counts what it leaves out. */
export class RefusalLog {
  private readonly logger: Logger;
  private readonly now: () => number;
  private readonly logged = new Set<string>();
  private periodEnd = 0;
  private leftOut = 0;
  /** Since the start, logged or not. */
  total = 0;

  constructor(logger: Logger, now: () => number) {
    this.logger = logger;
    this.now = now;
  }

  /**
   * @param peer gateway name once it has proved it, else its address, or what it claims at its address
   * @param fields what else helps; no secrets
   */
  note(reason: string, peer: string, fields: Record<string, unknown> = {}): void {
    this.total += 1;
    const now = this.now();
    if (now >= this.periodEnd) this.nextPeriod(now);
    const key = `${reason} ${peer}`;
    if (this.logged.has(key) || this.logged.size >= MAX_LINES) {
      this.leftOut += 1;
      return;
    }
    this.logged.add(key);
    this.logger.warn({ peer, ...fields, leftOutBefore: this.leftOut }, reason);
    this.leftOut = 0;
  }

  private nextPeriod(now: number): void {
    this.logged.clear();
    this.periodEnd = now + PERIOD_MS;
  }
}
