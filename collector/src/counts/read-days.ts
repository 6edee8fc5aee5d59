import type { Store } from '../store/store.js';
import type { Rollup } from './rollup-rows.js';

/** What a line counted on one site day. */
export type DaySum = Pick<Rollup, 'in_count' | 'out_count' | 'stitched' | 'observed_ms' | 'covered_ms'> & {
  /** Observed time of intervals that were counted from a bad picture; the longest where several things were wrong with it. */
  suspectMs: number;
};

/**
 * Sums of every line of a gateway on some site days.
 * @param starts of the days; UTC ms
 * @returns looks up a line's day; undefined where nothing is stored
 */
export async function daySums(
  store: Store,
  gateway: string,
  starts: readonly number[],
): Promise<(line: { camera: string; id: string }, start: number) => DaySum | undefined> {
  const rows = await store
    .selectFrom('rollup')
    .select(['camera', 'id', 'start_at', 'in_count', 'out_count', 'stitched', 'observed_ms', 'covered_ms'])
    .where('kind', '=', 'line')
    .where('size', '=', 'day')
    .where('gateway', '=', gateway)
    .where('start_at', 'in', starts)
    .execute();
  const parts = await store
    .selectFrom('rollup_part')
    .select(['camera', 'id', 'start_at', 'ms'])
    .where('kind', '=', 'line')
    .where('size', '=', 'day')
    .where('gateway', '=', gateway)
    .where('start_at', 'in', starts)
    .where('part', '=', 'suspect')
    .execute();
  const keyOf = (camera: string, id: string, start: number) => `${camera}/${id} ${start}`;
  const sums = new Map(
    rows.map((row) => [keyOf(row.camera, row.id, row.start_at), { ...row, suspectMs: 0 }]),
  );
  for (const { camera, id, start_at, ms } of parts) {
    const sum = sums.get(keyOf(camera, id, start_at));
    if (sum !== undefined) sum.suspectMs = Math.max(sum.suspectMs, ms);
  }
  return ({ camera, id }, start) => sums.get(keyOf(camera, id, start));
}
