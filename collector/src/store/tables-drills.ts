/** Tables of drills. Times are UTC ms. */
export interface DrillTables {
  /** A drill that was begun; it stays when its site is gone. */
  drill: {
    id: string;
    scenario: string;
    site: string;
    started_by: string;
    started_at: number;
    /** When its program last said that it runs. */
    beat_at: number;
    ended_at: number | null;
    outcome: 'kept' | 'missed' | 'broken-off' | null;
    incident: string | null;
    severity: 'critical' | 'high' | 'medium' | 'low' | null;
    /** What was seen, and the times against their targets, as JSON. */
    steps: string;
    measures: string;
  };
}
