/** Tables of sums and of the ledger. Times are UTC ms, truth is 0 or 1. */
export interface CountTables {
  /** Sums of one line or zone over one bucket; for a zone `in_count` holds entries and `out_count` exits. */
  rollup: RollupKey & {
    end_at: number;
    in_count: number;
    out_count: number;
    stitched: number;
    observed_ms: number;
    /** Time that intervals cover, observed or not. */
    covered_ms: number;
    /** 1 when part of it comes from an interval that reaches over the bucket and was spread evenly. */
    spread: number;
    occupancy_max: number | null;
    queue_max: number | null;
    dwell_ms: number;
    dwell_visits: number;
  };
  /** Time of a bucket that was not observed, by reason, or that was counted from a bad picture, by condition. */
  rollup_part: RollupKey & { part: 'gap' | 'suspect'; reason: string; ms: number };
  /** Gateways whose sums are to be made anew from their intervals. */
  rollup_rebuild: { gateway: string; asked_at: number };
  /** Counts between two intervals that follow each other in an outbox, which its totals have and its records have not. */
  ledger_gap: {
    gateway: string;
    epoch: string;
    camera: string;
    line: string;
    from_at: number;
    to_at: number;
    missing_in: number;
    missing_out: number;
    found_at: number;
  };
}

/** Which bucket of what. */
export interface RollupKey {
  kind: 'line' | 'zone';
  size: 'quarter' | 'hour' | 'day' | 'month';
  gateway: string;
  start_at: number;
  camera: string;
  id: string;
}
