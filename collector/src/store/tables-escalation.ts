import type { Severity } from '../schema/incident-words.js';

/** Tables of the escalation. Times are UTC ms. */
export interface EscalationTables {
  escalation_state: {
    incident: string;
    /** The severity whose ladder this is, and when the incident last went to "triggered": another one of either begins anew. */
    severity: Severity;
    triggered_at: number;
    /** The ladder as it was then, as JSON. */
    steps: string;
    /** The step that is due next, in this loop. */
    step: number;
    /** Grows with every climb of the ladder, so that pages can be told apart. */
    loop: number;
    /** Climbs since it was triggered. */
    climb: number;
    /** What the offsets of the steps are counted from. */
    base_at: number;
  };
}
