import type { OutboxRecord } from '@headcount/shared';

/** A run of records without holes that waits to be sent. */
export interface Batch {
  readonly firstSeq: number;
  readonly records: readonly OutboxRecord[];
  /** When the oldest record of the batch was added: UTC ms. */
  readonly oldestAt: number;
}

/** One durable change, written in one transaction before anyone is told about it. */
export interface OutboxChange {
  /** Records to append, in order. */
  readonly records?: readonly OutboxRecord[];
  /** The open interval of one camera, as JSON text, replacing what stood there before. */
  readonly open?: { readonly camera: string; readonly state: string };
}

/** Numbers for the status page, metrics and the host record. */
export interface OutboxStats {
  readonly waiting: number;
  /** UTC ms when the oldest waiting record was added; null when nothing waits. */
  readonly oldestAt: number | null;
  readonly lastSeq: number;
  readonly settledUpTo: number;
  readonly fileBytes: number;
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
  openIntervals(): ReadonlyMap<string, string>;
  /** The oldest waiting records, at most `limit`; undefined when nothing waits. */
  nextBatch(limit: number): Batch | undefined;
  /** The collector has stored every record up to this one: they may leave. */
  settle(storedUpTo: number): void;
  stats(): OutboxStats;
  close(): void;
}
