import { sql } from 'kysely';
import type { Queryable, Store } from '../store/store.js';
import type { SloNumbers } from './budget.js';

/** Length of a bucket (ms). */
export const BUCKET_MS = 300_000;
/** How long buckets are kept (ms). */
export const KEPT_MS = 90 * 24 * 3_600_000;
/** Rows of one statement. */
const ROWS_AT_ONCE = 500;

/** Numbers of one promise and bucket. */
export interface SloBucket extends SloNumbers {
  readonly slo: string;
  /** Start of the bucket, UTC ms. */
  readonly bucket_at: number;
}

/** Start of the bucket that holds an instant. */
export function bucketStart(at: number): number {
  return Math.floor(at / BUCKET_MS) * BUCKET_MS;
}

/** Add to buckets; what other collectors have added stays. Each bucket may be given once. */
export async function addToBuckets(db: Queryable, buckets: readonly SloBucket[]): Promise<void> {
  const more = (column: keyof SloNumbers) =>
    sql<number>`${sql.ref(`slo_bucket.${column}`)} + ${sql.ref(`excluded.${column}`)}`;
  for (let first = 0; first < buckets.length; first += ROWS_AT_ONCE)
    await db
      .insertInto('slo_bucket')
      .values(buckets.slice(first, first + ROWS_AT_ONCE))
      .onConflict((conflict) =>
        conflict.columns(['slo', 'bucket_at']).doUpdateSet({
          good: more('good'),
          bad: more('bad'),
          unknown: more('unknown'),
          maintenance: more('maintenance'),
        }),
      )
      .execute();
}

/** The numbers of each promise since an instant, and when its first bucket began. */
export async function bucketSums(
  store: Store,
  from: number,
): Promise<Map<string, SloNumbers & { readonly since: number }>> {
  const rows = await store
    .selectFrom('slo_bucket')
    .select('slo')
    .select(({ fn }) => [
      fn.sum<number>('good').as('good'),
      fn.sum<number>('bad').as('bad'),
      fn.sum<number>('unknown').as('unknown'),
      fn.sum<number>('maintenance').as('maintenance'),
      fn.min<number>('bucket_at').as('since'),
    ])
    .where('bucket_at', '>=', bucketStart(from))
    .groupBy('slo')
    .execute();
  return new Map(
    rows.map(({ slo, good, bad, unknown, maintenance, since }) => [
      slo,
      { good, bad, unknown, maintenance, since },
    ]),
  );
}

/** Forget what is too old. @returns how many buckets */
export async function purgeBuckets(store: Store, now: number): Promise<number> {
  const { numDeletedRows } = await store
    .deleteFrom('slo_bucket')
    .where('bucket_at', '<', now - KEPT_MS)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
