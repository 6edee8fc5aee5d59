import type { OutboxRecord } from '@headcount/shared';
import type { Logger } from 'pino';
import type { Outbox, OutboxStats, Retained, Stamp } from '../outbox/outbox.js';
import { Held } from './held.js';

/** A disk that has refused is asked again so often (ms): every attempt writes all that is held. */
const RETRY_MS = 1000;

/** What the journal needs. */
export interface JournalOptions {
  readonly outbox: Outbox;
  readonly logger: Logger;
  /** UTC ms and monotonic ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Called after records became durable. */
  readonly onRecords: () => void;
  /** Called after every attempt to write: a disk that refuses is told elsewhere. */
  readonly onMove: () => void;
  /** How records are marked while the clock may be wrong; undefined when it is right. */
  readonly stamp?: () => Stamp | undefined;
}

/** How outbox and memory stand. */
export interface JournalStatus
  extends Retained, Pick<OutboxStats, 'waiting' | 'oldestAt' | 'fileBytes' | 'provisional' | 'quarantined'> {
  /** Records in memory that the disk refuses. */
  readonly held: number;
  /** False while it does. */
  readonly healthy: boolean;
}

/**
 * Writes to the outbox and holds on to what the disk refuses, so that a full disk for a while costs nothing.
 * The only writer of the outbox: every count goes through here before anyone is told.
 */
export class Journal {
  private readonly options: JournalOptions;
  private held = new Held();
  /** Since when the disk refuses, and when it is asked again: monotonic ms. */
  private refusing: { readonly since: number; askAt: number } | undefined;
  /** What holding cost, summed over every time that the disk refused. */
  private cost: Retained = { merged: 0, thinned: 0, dropped: 0 };

  constructor(options: JournalOptions) {
    this.options = options;
  }

  /**
   * Make records and, if given, the open interval of a camera durable in one transaction.
   * @param under the clock of records of an earlier run; by default the clock as it stands
   * @returns false when the disk refused; the records are held and go with a later write
   */
  write(
    records: readonly OutboxRecord[],
    open?: { camera: string; state: string },
    under?: { readonly stamp: Stamp | undefined },
  ): boolean {
    const before = this.held.cost;
    const stamp = this.options.stamp?.();
    this.held.add(records, under === undefined ? stamp : under.stamp, open && { ...open, stamp });
    this.noteLoss(before);
    this.options.onMove();
    if (this.refusing !== undefined && this.options.monotonic() < this.refusing.askAt) return false;
    return this.flush();
  }

  /** Write what is held, now; the last chance before a stop. */
  flush(): boolean {
    const { outbox, onRecords } = this.options;
    let wrote = false;
    for (const change of this.held.changes()) {
      try {
        outbox.commit(change);
      } catch (error) {
        this.refused(error);
        return false;
      }
      this.held.written(change);
      wrote ||= (change.records?.length ?? 0) > 0;
    }
    if (wrote) onRecords();
    if (this.refusing !== undefined) this.recovered(this.refusing.since);
    return true;
  }

  /** One step of the outbox's housekeeping; what it gave up becomes a record. */
  maintain(): void {
    const { outbox, logger } = this.options;
    try {
      const { dropped, ...done } = outbox.maintain();
      if (done.merged + done.thinned > 0) logger.info(done, 'the outbox is large; old records were merged');
      if (dropped > 0) {
        const detail = `${dropped} of the oldest records were dropped: the outbox is full even with hourly counts`;
        logger.error({ dropped }, detail);
        this.event('dropped', detail);
      }
    } catch (error) {
      // The same disk refuses counts, which is told of louder; nothing is lost by waiting.
      logger.warn({ err: error }, 'housekeeping of the outbox was refused');
    }
  }

  /**
   * The clock is right now, or nobody will set it: see {@link Outbox.backStamp}.
   * @returns undefined when the disk refused; it is to be tried again
   */
  backStamp(now: Stamp): { moved: number; uncorrected: number } | undefined {
    this.held.backStamp(now);
    try {
      const done = this.options.outbox.backStamp(now);
      this.options.onRecords();
      return done;
    } catch (error) {
      this.refused(error);
      return undefined;
    }
  }

  /** True while the disk takes every write. */
  get healthy(): boolean {
    return this.refusing === undefined;
  }

  /** The outbox and what is held in memory, for people. */
  status(): JournalStatus {
    const { waiting, oldestAt, fileBytes, provisional, quarantined, ...retained } =
      this.options.outbox.stats();
    const done = sum(retained, sum(this.cost, this.held.cost));
    const { held, healthy } = { held: this.held.size, healthy: this.healthy };
    return { waiting, oldestAt, fileBytes, provisional, quarantined, held, healthy, ...done };
  }

  private refused(error: unknown): void {
    const { logger, monotonic } = this.options;
    const now = monotonic();
    if (this.refusing === undefined)
      logger.error({ err: error, held: this.held.size }, 'outbox refused a write; counts wait in memory');
    else logger.debug({ err: error, held: this.held.size }, 'outbox still refuses');
    this.refusing = { since: this.refusing?.since ?? now, askAt: now + RETRY_MS };
  }

  private recovered(since: number): void {
    const { logger, monotonic } = this.options;
    const seconds = Math.round((monotonic() - since) / 1000);
    const { cost } = this.held;
    this.refusing = undefined;
    this.cost = sum(this.cost, cost);
    this.held = new Held();
    logger.warn({ seconds, ...cost }, 'the disk takes writes again; what waited in memory is written');
    const detail =
      `the disk refused writes for ${seconds} s; counts waited in memory: ${cost.dropped} records lost, ` +
      `${cost.merged} merged into longer intervals, ${cost.thinned} health samples left out`;
    this.event('store-repaired', detail);
  }

  private event(event: 'store-repaired' | 'dropped', detail: string): void {
    this.write([{ kind: 'event', at: this.options.now(), event, detail }]);
  }

  private noteLoss(before: Retained): void {
    const lost = this.held.cost.dropped - before.dropped;
    if (lost > 0 && before.dropped === 0)
      this.options.logger.error(
        { held: this.held.size },
        'memory is full too; the oldest records are given up',
      );
  }
}

function sum(a: Retained, b: Retained): Retained {
  return {
    merged: a.merged + b.merged,
    thinned: a.thinned + b.thinned,
    dropped: a.dropped + b.dropped,
  };
}
