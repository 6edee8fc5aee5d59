import type { Generated } from 'kysely';

/** Tables of pushed counts. Times are UTC ms. */
export interface WebhookTables {
  /** Where counts are pushed to. */
  webhook: {
    id: string;
    url: string;
    site: string | null;
    sealed_secret: string;
    created_by: string;
    created_at: number;
    /** Start of the quarter that is sent next. */
    next_at: number;
    due_at: number;
    attempts: number;
    problem: string | null;
    delivered_at: number | null;
    /** Late quarters that changed up to then are with the receiver. */
    corrected_to: Generated<number>;
    /** Of those that changed after that and up to `window_to`, the ones that begin before `window_from` are too. */
    window_from: Generated<number>;
    window_to: Generated<number | null>;
  };
  /** Quarters of an hour that changed when they may have been pushed already, and when they last did. */
  late_quarter: { gateway: string; start_at: number; changed_at: number };
}
