/** Tables of audits that people made without a clip. Times are UTC ms. */
export interface AccuracyTables {
  /** What a person counted at a line in a span of whole minutes, and what the machine counted in it. */
  accuracy_audit: {
    id: string;
    gateway: string;
    camera: string;
    line: string;
    from_at: number;
    to_at: number;
    method: 'live' | 'import';
    truth_in: number;
    truth_out: number;
    /** JSON list of what the person counted minute by minute; null for an imported row, which is one number. */
    minutes: string | null;
    light: 'day' | 'dusk' | 'night' | 'artificial' | null;
    density: 'low' | 'medium' | 'high' | null;
    note: string;
    auditor: string;
    created_at: number;
    /**
     * JSON list of the stretches that were compared, person beside machine; null until every count of the span is stored. Kept here
     * because minutes are forgotten one day.
     */
    parts: string | null;
    /** The machine's counts in `parts`. */
    ai_in: number | null;
    ai_out: number | null;
    /** Of the newest interval of the span. */
    model_hash: string | null;
    config_version: string | null;
  };
}
