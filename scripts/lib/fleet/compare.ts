import type { SimulatedFleet } from '../../../collector/src/simulator/fleet.js';
import { openStore } from '../../../collector/src/store/store.js';

/** What the gateways counted and what the collector has; equal numbers on both sides are a fleet that lost nothing. */
export interface Comparison {
  readonly sent: Totals;
  readonly stored: Totals;
  /** Sums that grew with the batches, by the site day. */
  readonly summed: Pick<Totals, 'in' | 'out'>;
  /** Counts that totals prove missing, and sequence numbers that were skipped. */
  readonly ledgerGaps: number;
  readonly holes: number;
}

interface Totals {
  readonly intervals: number;
  readonly in: number;
  readonly out: number;
}

/** Hold a fleet's truth against a collector's database. @param place a file or a URL */
export async function compareWithStore(fleet: SimulatedFleet, place: string): Promise<Comparison> {
  const truths = fleet.gateways.flatMap(({ recorder }) => [...recorder.truth.values()]);
  const sent = truths.reduce(
    (sum, one) => ({ intervals: sum.intervals + one.records, in: sum.in + one.in, out: sum.out + one.out }),
    { intervals: 0, in: 0, out: 0 },
  );
  const store = await openStore(place);
  try {
    const rows = await store
      .selectFrom('count_interval')
      .select(({ fn }) => [
        fn.countAll<number>().as('intervals'),
        fn.sum<number>('in_count').as('in'),
        fn.sum<number>('out_count').as('out'),
      ])
      .executeTakeFirstOrThrow();
    const summed = await store
      .selectFrom('rollup')
      .select(({ fn }) => [fn.sum<number>('in_count').as('in'), fn.sum<number>('out_count').as('out')])
      .where('kind', '=', 'line')
      .where('size', '=', 'day')
      .executeTakeFirstOrThrow();
    const countOf = async (table: 'ledger_gap' | 'seq_hole') =>
      (
        await store
          .selectFrom(table)
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
      ).count;
    return {
      sent,
      stored: rows,
      summed,
      ledgerGaps: await countOf('ledger_gap'),
      holes: await countOf('seq_hole'),
    };
  } finally {
    await store.destroy();
  }
}
