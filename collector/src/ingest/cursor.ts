import type { Queryable } from '../store/store.js';

/** One outbox of one gateway. */
export interface Outbox {
  readonly gateway: string;
  readonly epoch: string;
}

/** Sequence numbers, both ends included. */
export interface SeqRange {
  readonly from: number;
  readonly to: number;
}

/** What of an outbox is settled: everything up to `storedUpTo` except the holes. */
export interface Progress {
  /** 0 before the first batch. */
  readonly storedUpTo: number;
  /** The holes that overlap the range that was asked for. */
  readonly holes: readonly SeqRange[];
}

export async function readProgress(db: Queryable, outbox: Outbox, range: SeqRange): Promise<Progress> {
  const { gateway, epoch } = outbox;
  const cursor = await db
    .selectFrom('ingest_cursor')
    .select('stored_up_to')
    .where('gateway', '=', gateway)
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  const storedUpTo = cursor?.stored_up_to ?? 0;
  if (range.from > storedUpTo) return { storedUpTo, holes: [] };
  const holes = await db
    .selectFrom('seq_hole')
    .select(['from_seq as from', 'to_seq as to'])
    .where('gateway', '=', gateway)
    .where('epoch', '=', epoch)
    .where('from_seq', '<=', range.to)
    .where('to_seq', '>=', range.from)
    .execute();
  return { storedUpTo, holes };
}

/** Whether a record has not been stored yet: it is new, or fills a hole. */
export function isMissing({ storedUpTo, holes }: Progress, seq: number): boolean {
  return seq > storedUpTo || holes.some(({ from, to }) => from <= seq && seq <= to);
}

/**
 * Settle a range: move the cursor, record the hole in front of the range, and take the range out of earlier holes.
 * @returns the cursor after it, and how many sequence numbers were skipped
 */
export async function settleRange(
  db: Queryable,
  outbox: Outbox,
  settled: { readonly range: SeqRange; readonly before: Progress },
  now: number,
): Promise<{ storedUpTo: number; missing: number }> {
  const { range, before } = settled;
  const storedUpTo = Math.max(before.storedUpTo, range.to);
  const row = { ...outbox, stored_up_to: storedUpTo, updated_at: now };
  await db
    .insertInto('ingest_cursor')
    .values(row)
    .onConflict((conflict) => conflict.columns(['gateway', 'epoch']).doUpdateSet(row))
    .execute();
  for (const hole of before.holes) await shrinkHole(db, outbox, { hole, range }, now);
  const missing = Math.max(0, range.from - before.storedUpTo - 1);
  if (missing > 0) await addHole(db, outbox, { from: before.storedUpTo + 1, to: range.from - 1 }, now);
  return { storedUpTo, missing };
}

async function shrinkHole(
  db: Queryable,
  outbox: Outbox,
  { hole, range }: { hole: SeqRange; range: SeqRange },
  now: number,
): Promise<void> {
  await db
    .deleteFrom('seq_hole')
    .where('gateway', '=', outbox.gateway)
    .where('epoch', '=', outbox.epoch)
    .where('from_seq', '=', hole.from)
    .execute();
  if (hole.from < range.from) await addHole(db, outbox, { from: hole.from, to: range.from - 1 }, now);
  if (hole.to > range.to) await addHole(db, outbox, { from: range.to + 1, to: hole.to }, now);
}

async function addHole(db: Queryable, outbox: Outbox, { from, to }: SeqRange, now: number): Promise<void> {
  const hole = { gateway: outbox.gateway, epoch: outbox.epoch, from_seq: from, to_seq: to, found_at: now };
  await db.insertInto('seq_hole').values(hole).execute();
}
