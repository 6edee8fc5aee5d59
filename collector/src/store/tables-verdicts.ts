/** What audits and counts say of lines, kept so that nobody has to work it out for all of them at once. Times are UTC ms. */
export interface VerdictTables {
  /** One row per line that is in use. */
  line_verdict: {
    gateway: string;
    camera: string;
    line: string;
    /** When it must be judged again; 0: at once. */
    judge_at: number;
    /** Null until it was judged for the first time. */
    judged_at: number | null;
    verdict: 'pass' | 'fail' | 'inconclusive' | null;
    /** With 95 % certainty at least this share of the crossings is right; null without crossings. */
    lower: number | null;
    /** Why it should be audited, as the API has it, and since when it is due; null while it is not. */
    due: string | null;
    due_since: number | null;
    /** With what the newest counts were made when it was judged; null before the first. */
    model_hash: string | null;
    config_version: string | null;
    /** Counts that begin before this may change what an audit says; null where every audit has all of its counts. */
    counts_until: number | null;
    /** JSON list of the signs that it counts wrongly, its site's among them; null until they were looked for. */
    risks: string | null;
  };
}
