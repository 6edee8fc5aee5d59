/** Tables of what went wrong and of how well promises are kept. Times are UTC ms. */
export interface ObservabilityTables {
  /** Errors of the collector with the same type, message and place. */
  error_group: {
    /** Lower-case hex. */
    fingerprint: string;
    type: string;
    /** Without what varies. */
    message: string;
    first_at: number;
    last_at: number;
    count: number;
    first_version: string;
    last_version: string;
    /** The newest one as JSON: at, message, stack, requestId. */
    example: string;
    state: 'open' | 'resolved' | 'ignored';
    state_by: string | null;
    state_at: number | null;
    /** Null unless it is resolved. */
    resolved_version: string | null;
    regressed_at: number | null;
  };
  /** How well a promise was kept in five minutes; time in ms or a number of answers. */
  slo_bucket: {
    slo: string;
    bucket_at: number;
    good: number;
    bad: number;
    unknown: number;
    maintenance: number;
  };
}
