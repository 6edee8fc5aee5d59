import {
  CONTRACT_VERSION,
  MAX_BATCH_RECORDS,
  MAX_PAYLOAD_BYTES,
  packRows,
  rowsOf,
  type ReceiptMessage,
  type RecordsMessage,
} from '@headcount/shared';
import type { Logger } from 'pino';
import type { Outbox } from '../outbox/outbox.js';

/** No receipt for so long: send the batch again, later each time (ms). */
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 60_000;
/** A batch whose oldest record is older than this is a backlog (ms). */
const HISTORICAL_MS = 120_000;
/** Room for the envelope around the records. */
const PAYLOAD_MARGIN = 1024;

/** What the drain needs. */
export interface DrainOptions {
  readonly outbox: Outbox;
  readonly publish: (message: string) => void;
  /** UTC ms. */
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * Sends one batch at a time and settles it when the collector's receipt comes; the broker's PUBACK proves nothing.
 * A batch without a receipt is sent again, which is harmless because the collector stores by epoch and seq.
 */
export class Drain {
  private readonly options: DrainOptions;
  private connected = false;
  /** The last record of the batch on its way, and the epoch that it belongs to. */
  private inFlight: { readonly epoch: string; readonly upTo: number } | undefined;
  private wait = FIRST_WAIT_MS;
  private resend: NodeJS.Timeout | undefined;
  private credit = MAX_BATCH_RECORDS;
  private emptied: (() => void)[] = [];
  /** UTC ms of the newest receipt; null before the first. */
  lastReceiptAt: number | null = null;

  constructor(options: DrainOptions) {
    this.options = options;
  }

  /** The connection is up: whatever was in flight is sent again. */
  connect(): void {
    this.connected = true;
    this.wait = FIRST_WAIT_MS;
    this.sendNext();
  }

  disconnect(): void {
    this.connected = false;
    this.inFlight = undefined;
    clearTimeout(this.resend);
  }

  /** New records are waiting. */
  notify(): void {
    if (this.connected && this.inFlight === undefined) this.sendNext();
  }

  /** Resolves when nothing waits any more, or when the signal says stop. */
  async untilEmpty(signal: AbortSignal): Promise<void> {
    if (this.options.outbox.stats().waiting === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.emptied.push(resolve);
    });
  }

  receive(receipt: ReceiptMessage): void {
    const { outbox, now, logger } = this.options;
    const { lastSeq } = outbox.stats();
    const own = receipt.epoch === outbox.epoch;
    // Records that were read back from a damaged file are under way with its epoch.
    if (own ? receipt.storedUpTo > lastSeq : receipt.epoch !== this.inFlight?.epoch) {
      logger.warn({ receipt, lastSeq }, 'ignored a receipt that is not for this outbox');
      return;
    }
    for (const letter of receipt.deadLettered) logger.error(letter, 'the collector could not store a record');
    this.lastReceiptAt = now();
    this.credit = receipt.credit;
    outbox.settle(receipt.storedUpTo, receipt.epoch);
    if (receipt.epoch !== this.inFlight?.epoch || receipt.storedUpTo < this.inFlight.upTo) return;
    this.inFlight = undefined;
    this.wait = FIRST_WAIT_MS;
    clearTimeout(this.resend);
    this.sendNext();
  }

  private sendNext(): void {
    const { outbox, publish, logger } = this.options;
    if (!this.connected) return;
    const message = this.nextMessage();
    if (message === undefined) {
      for (const resolve of this.emptied.splice(0)) resolve();
      return;
    }
    this.inFlight = { epoch: message.epoch, upTo: rowsOf(message).at(-1)?.seq ?? message.firstSeq };
    publish(JSON.stringify(message));
    this.resend = setTimeout(() => {
      logger.warn(
        { waiting: outbox.stats().waiting, waitedMs: this.wait },
        'no receipt; sending the batch again',
      );
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
      this.sendNext();
    }, this.wait);
  }

  private nextMessage(): RecordsMessage | undefined {
    const { outbox, now } = this.options;
    const batch = outbox.nextBatch(this.credit);
    if (batch === undefined) return undefined;
    const rows = fitting(batch.records).map((record, index) => ({ seq: batch.seqs[index] ?? 0, record }));
    return {
      v: CONTRACT_VERSION,
      epoch: batch.epoch,
      sentAt: now(),
      historical: now() - batch.oldestAt > HISTORICAL_MS,
      ...packRows(batch.firstSeq, rows),
    };
  }
}

/** As many records as one payload may hold, at least one. */
function fitting<T>(records: readonly T[]): T[] {
  let bytes = PAYLOAD_MARGIN;
  const end = records.findIndex((record) => {
    bytes += Buffer.byteLength(JSON.stringify(record)) + 1;
    return bytes > MAX_PAYLOAD_BYTES;
  });
  return records.slice(0, end === -1 ? records.length : Math.max(1, end));
}
