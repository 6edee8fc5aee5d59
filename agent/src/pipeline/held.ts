import type { OutboxRecord } from '@headcount/shared';
import { mergeIntervals } from '../outbox/merge-records.js';
import type { LeftOpen, OutboxChange, Retained, Stamp } from '../outbox/outbox.js';
import { shiftRecord } from '../outbox/shift-record.js';

/**
 * Most records that wait in memory, about 10 MB: before more are held, health samples go, then counts are merged to
 * quarter hours and to hours, which holds a week of eight cameras with three lines and a zone. Only then the oldest go.
 */
const MAX_HELD = 10_000;
/** Held records are made fewer until this share of the most is left, so that it is not done for every record. */
const ENOUGH = 0.8;
const LENGTHS_MS = [900_000, 3_600_000];

interface Entry {
  readonly record: OutboxRecord;
  readonly stamp: Stamp | undefined;
}

/** What waits for a disk that refuses: records in their order, and the newest open interval of every camera. */
export class Held {
  private readonly most: number;
  private entries: Entry[] = [];
  private readonly open = new Map<string, LeftOpen>();
  /** What was done to stay within the bound. */
  cost: Retained = { merged: 0, thinned: 0, dropped: 0 };

  constructor(most = MAX_HELD) {
    this.most = most;
  }

  get size(): number {
    return this.entries.length;
  }

  add(
    records: readonly OutboxRecord[],
    stamp: Stamp | undefined,
    open: (LeftOpen & { readonly camera: string }) | undefined,
  ): void {
    this.entries.push(...records.map((record) => ({ record, stamp })));
    if (open !== undefined) this.open.set(open.camera, open);
    if (this.entries.length > this.most) this.shrink();
  }

  /**
   * What is to be committed, in order. Records and intervals under different clocks need a transaction each; the
   * intervals go with the first, so that a power cut between two can lose records from memory but count none twice.
   */
  changes(): OutboxChange[] {
    const runs: { records: OutboxRecord[]; stamp: Stamp | undefined }[] = [];
    for (const { record, stamp } of this.entries) {
      const run = runs.at(-1);
      if (run !== undefined && run.stamp?.boot === stamp?.boot && run.stamp?.offsetMs === stamp?.offsetMs)
        run.records.push(record);
      else runs.push({ records: [record], stamp });
    }
    const [first = { records: [], stamp: undefined }, ...rest] = runs;
    const open = [...this.open].map(([camera, one]) => ({ ...one, camera }));
    return [first, ...rest].map((run, index) => ({ ...run, open: index === 0 ? open : [] }));
  }

  /** A change is on the disk. */
  written(change: OutboxChange): void {
    this.entries.splice(0, change.records?.length ?? 0);
    if ((change.open?.length ?? 0) > 0) this.open.clear();
  }

  /** The clock is right now: see {@link Outbox.backStamp}. */
  backStamp(now: Stamp): void {
    this.entries = this.entries.map(({ record, stamp }) => ({
      record: stamp?.boot === now.boot ? shiftRecord(record, now.offsetMs - stamp.offsetMs) : record,
      stamp: undefined,
    }));
  }

  private shrink(): void {
    const enough = ENOUGH * this.most;
    const kept = this.entries.filter(({ record }) => record.kind !== 'host');
    this.count('thinned', this.entries.length - kept.length);
    this.entries = kept;
    for (const lengthMs of LENGTHS_MS) if (this.entries.length > enough) this.merge(lengthMs);
    const excess = Math.max(0, this.entries.length - this.most);
    this.count('dropped', this.entries.splice(0, excess).length);
  }

  private merge(lengthMs: number): void {
    // Records under an uncertain clock stay as they are: their intervals are not those of UTC.
    const rows = this.entries.flatMap(({ record, stamp }, seq) =>
      stamp === undefined ? [{ seq, record }] : [],
    );
    const { removed, changed } = mergeIntervals(rows, lengthMs);
    const gone = new Set(removed);
    this.entries = this.entries
      .map((entry, index) => ({ ...entry, record: changed.get(index) ?? entry.record }))
      .filter((_, index) => !gone.has(index));
    this.count('merged', removed.length);
  }

  private count(what: keyof Retained, by: number): void {
    this.cost = { ...this.cost, [what]: this.cost[what] + by };
  }
}
