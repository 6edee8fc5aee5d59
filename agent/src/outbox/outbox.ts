import type { OutboxRecord } from '@headcount/shared';

/**
 * Under which clock a record was made, while the clock has not been set since the machine was started: the machine's
 * boot, and what was added to its monotonic clock to get the time (ms).
 */
export interface Stamp {
  readonly boot: string;
  readonly offsetMs: number;
}

/** Records that wait to be sent, oldest first. */
export interface Batch {
  /** The outbox file that gave them their numbers: this one, or a damaged one from which they were read back. */
  readonly epoch: string;
  /** The batch accounts for every number from here to the last of `seqs`; what is not in it was merged or thinned. */
  readonly firstSeq: number;
  readonly records: readonly OutboxRecord[];
  /** The number of each record, growing. */
  readonly seqs: readonly number[];
  /** When the oldest record of the batch was added: UTC ms. */
  readonly oldestAt: number;
}

/** One durable change, written in one transaction before anyone is told about it. */
export interface OutboxChange {
  /** Records to append, in order. */
  readonly records?: readonly OutboxRecord[];
  /** Marks the records as made under a clock that may be wrong: they wait for {@link Outbox.backStamp}. */
  readonly stamp?: Stamp | undefined;
  /** Open intervals, each replacing what stood there before for its camera. */
  readonly open?: readonly (LeftOpen & { readonly camera: string })[];
}

/** The open interval of a camera, as JSON text, and its stamp while the clock may be wrong. */
export interface LeftOpen {
  readonly state: string;
  readonly stamp?: Stamp | undefined;
}

/** What has been done to stay within the limit, since the file was made. */
export interface Retained {
  /** Records that went into others: their counts are all there, in longer intervals. */
  readonly merged: number;
  /** Host samples and repeated camera failures that were left out. */
  readonly thinned: number;
  /** Records given up, because even hourly counts did not fit. */
  readonly dropped: number;
}

/** Numbers for the status page, metrics and the host record. */
export interface OutboxStats extends Retained {
  readonly waiting: number;
  /** Of these, how many wait for the clock to be set. */
  readonly provisional: number;
  /** UTC ms when the oldest waiting record was added; null when nothing waits. */
  readonly oldestAt: number | null;
  readonly lastSeq: number;
  readonly settledUpTo: number;
  /** Size of the file and of its write-ahead log. */
  readonly fileBytes: number;
  readonly walBytes: number;
  /** Damaged files that were moved aside and are kept. */
  readonly quarantined: number;
}

/** Records that are safe on disk and wait for the collector's receipt. Old ones go out before new ones. */
export interface Outbox {
  /** Random id of this file: a new file is a new epoch. */
  readonly epoch: string;
  /**
   * Make a change durable (WAL, synchronous FULL) before it returns.
   * @throws OutboxError when the disk refuses it; nothing of the change is kept then
   */
  commit(change: OutboxChange): void;
  /** What `commit` last stored as open, per camera; read once after a start. */
  openIntervals(): ReadonlyMap<string, LeftOpen>;
  /** The oldest waiting records, at most `limit`; undefined when nothing waits that may be sent. */
  nextBatch(limit: number): Batch | undefined;
  /** The collector has stored every record of an epoch, by default this file's, up to this one: they may leave. */
  settle(storedUpTo: number, epoch?: string): void;
  /**
   * The clock is right now, or nobody will set it: move the records of this boot to the times that they would have had
   * with this offset, and let all go, also those of earlier boots, which nothing can correct any more.
   * @returns how many records there were, and how many of them are of earlier boots
   * @throws OutboxError when the disk refuses it
   */
  backStamp(now: Stamp): { moved: number; uncorrected: number };
  /**
   * One bounded step of housekeeping, about once a second: shrink an idle write-ahead log, stay within the limit.
   * @returns what the step merged, thinned and dropped
   * @throws OutboxError when the disk refuses it
   */
  maintain(): Retained;
  stats(): OutboxStats;
  close(): void;
}
