import { setImmediate } from 'node:timers/promises';
import { rowsOf } from '@headcount/shared';
import type { Store } from '../store/store.js';
import { storeBatch, type Batch, type StoredBatch } from './batch.js';

/**
 * Groups that are stored at the same time. The others wait here and not at the database, so that logins and births, which
 * tell the live state, come between them when a whole fleet is back with its backlog.
 */
const GROUPS_AT_ONCE = 2;
/**
 * What one transaction takes at most. The disk is waited for once a transaction, which is most of what a small batch costs;
 * SQLite works in this thread, so that a group must be done before a page waits (some 30 ms).
 */
const MAX_BATCHES = 32;
const MAX_RECORDS = 400;

interface Waiting {
  readonly batch: Batch;
  readonly records: number;
  readonly stored: (result: StoredBatch) => void;
  readonly failed: (error: unknown) => void;
}

/** Stores batches of many gateways in common transactions, in the order in which they came. */
export class BatchGroups {
  private readonly store: Store;
  private readonly now: () => number;
  private readonly waiting: Waiting[] = [];
  private running = 0;

  /** @param now UTC ms */
  constructor(store: Store, now: () => number) {
    this.store = store;
    this.now = now;
  }

  /** Resolves when the batch is on the disk. @throws Error of the database */
  async add(batch: Batch): Promise<StoredBatch> {
    const records = rowsOf(batch.message).length;
    const result = new Promise<StoredBatch>((stored, failed) => {
      this.waiting.push({ batch, records, stored, failed });
    });
    if (this.running < GROUPS_AT_ONCE) void this.run();
    return result;
  }

  private async run(): Promise<void> {
    this.running += 1;
    while (this.waiting.length > 0) {
      // Connections get their turn between two groups, and what they bring joins the next.
      await setImmediate();
      await this.storeGroup(this.takeGroup());
    }
    this.running -= 1;
  }

  private takeGroup(): Waiting[] {
    let sum = 0;
    const full = this.waiting.findIndex(({ records }, index) => {
      sum += records;
      return index > 0 && (index >= MAX_BATCHES || sum > MAX_RECORDS);
    });
    return this.waiting.splice(0, full === -1 ? this.waiting.length : full);
  }

  private async storeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.store.transaction().execute(async (trx) => {
        const all: (readonly [Waiting, StoredBatch])[] = [];
        for (const one of group) all.push([one, await storeBatch(trx, one.batch, this.now())]);
        return all;
      });
      for (const [{ stored }, result] of results) stored(result);
    } catch (error) {
      // One batch that the schema refuses takes no other with it. A busy or broken database fails them all: each would wait for it.
      if (group.length > 1 && isRefused(error)) for (const one of group) await this.storeGroup([one]);
      else for (const { failed } of group) failed(error);
    }
  }
}

/** SQLite names a constraint; PostgreSQL has class 22 for values and 23 for constraints. */
function isRefused(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(SQLITE_CONSTRAINT|22|23)/.test(code);
}
