import type { OutboxRecord } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Outbox } from '../outbox/outbox.js';

/** Most records that wait in memory while the disk refuses them: an hour of sixteen cameras with ten lines each. */
const MAX_HELD = 10_000;

/**
 * Writes to the outbox and holds on to what the disk refuses, so that a full disk for a while costs nothing.
 * The only writer of the outbox: every count goes through here before anyone is told.
 */
export class Journal {
  private readonly outbox: Outbox;
  private readonly logger: Logger;
  private readonly onRecords: () => void;
  private readonly onMove: () => void;
  private held: OutboxRecord[] = [];
  /** Records given up because the disk refused for too long. */
  dropped = 0;

  /**
   * @param options.onRecords called after records became durable
   * @param options.onMove called after every attempt to write: a disk that refuses is told elsewhere
   */
  constructor(options: { outbox: Outbox; logger: Logger; onRecords: () => void; onMove: () => void }) {
    this.onMove = options.onMove;
    this.outbox = options.outbox;
    this.logger = options.logger;
    this.onRecords = options.onRecords;
  }

  /**
   * Make records and, if given, the open interval of a camera durable in one transaction.
   * @returns false when the disk refused; the records are held and go with the next write
   */
  write(records: readonly OutboxRecord[], open?: { camera: string; state: string }): boolean {
    const all = [...this.held, ...records];
    try {
      this.outbox.commit({ records: all, ...(open && { open }) });
    } catch (error) {
      this.hold(all, error);
      return false;
    } finally {
      this.onMove();
    }
    this.held = [];
    if (all.length > 0) this.onRecords();
    return true;
  }

  /** True while the disk takes every write. */
  get healthy(): boolean {
    return this.held.length === 0;
  }

  private hold(records: OutboxRecord[], error: unknown): void {
    const excess = Math.max(0, records.length - MAX_HELD);
    this.dropped += excess;
    this.held = records.slice(excess);
    this.logger.error(
      { err: error, held: this.held.length, dropped: this.dropped },
      'outbox refused a write',
    );
  }
}
