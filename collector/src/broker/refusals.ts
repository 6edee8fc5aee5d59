import type { Client } from 'aedes';
import type { Logger } from 'pino';

/** One kind of refusal of one peer is logged once in this time (ms); the others are counted. */
const PERIOD_MS = 10_000;
/** Kinds and peers that are remembered. */
const MAX_KEYS = 1000;

/** Who is at the other end, without secrets. */
export function describeClient(client: Client | null): { client?: string; ip?: string } {
  const ip = (client?.conn as { remoteAddress?: string } | undefined)?.remoteAddress;
  return { ...(client?.id && { client: client.id }), ...(ip !== undefined && { ip }) };
}

/** Logs refusals so that a looping client cannot fill the disk. */
export class RefusalLog {
  private readonly logger: Logger;
  private readonly now: () => number;
  private readonly seen = new Map<string, { at: number; repeated: number }>();

  constructor(logger: Logger, now: () => number) {
    this.logger = logger;
    this.now = now;
  }

  note(reason: string, fields: Record<string, unknown>): void {
    const key = `${reason} ${String(fields['client'])} ${String(fields['ip'])}`;
    const now = this.now();
    const last = this.seen.get(key);
    if (last !== undefined && now - last.at < PERIOD_MS) {
      last.repeated += 1;
      return;
    }
    this.logger.warn({ ...fields, repeated: last?.repeated ?? 0 }, reason);
    this.seen.delete(key);
    this.seen.set(key, { at: now, repeated: 0 });
    for (const oldest of this.seen.keys()) {
      if (this.seen.size <= MAX_KEYS) break;
      this.seen.delete(oldest);
    }
  }
}
