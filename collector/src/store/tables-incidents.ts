import type { Generated, Selectable } from 'kysely';
import type { IncidentStatus, ReviewStatus, Severity } from '../schema/incident-words.js';

/** Tables of incidents. Times are UTC ms. */
export interface IncidentTables {
  /** One row: the number of the newest incident. */
  incident_head: { id: number; number: number };
  incident: {
    /** "INC-1" and so on. */
    id: string;
    number: number;
    /** Alerts of the same group join one incident; null for one that a person opened. */
    group_key: string | null;
    title_en: string;
    title_vi: string;
    severity: Severity;
    status: IncidentStatus;
    /** The root-most asset of it; null where a person named none. Path: site/gateway/camera/line. */
    asset_kind: string | null;
    asset_path: string | null;
    asset_name: string | null;
    /** IANA, of the site; UTC where it has none. */
    time_zone: string;
    /** Slug; empty where there is none. */
    runbook: string;
    opened_by: string;
    /** When the trouble began, when the incident was opened, and when it last went to "triggered". */
    since_at: number;
    started_at: number;
    triggered_at: number;
    /** The first acknowledgement, and who holds the incident now. */
    acked_at: number | null;
    holder: string | null;
    mitigated_at: number | null;
    resolved_at: number | null;
    resolve_reason: string | null;
    closed_at: number | null;
    merged_into: string | null;
    merged_at: number | null;
    reopen_of: string | null;
    /** JSON, frozen when it was resolved; null before. */
    impact: string | null;
    /** End of the timeline's chain. */
    event_seq: number;
    event_hash: string;
  };
  incident_alert: {
    incident: string;
    alert: string;
    rule: string;
    severity: Severity;
    title_en: string;
    title_vi: string;
    asset_kind: string;
    asset_path: string;
    fired_at: number;
    linked_at: number;
    resolved_at: number | null;
    /** Null while the alert belongs to this incident. */
    unlinked_at: number | null;
    /** The merged incident that it came with. */
    moved_from: string | null;
  };
  /** Append-only, chained by hashes per incident. */
  incident_event: {
    incident: string;
    seq: number;
    at: number;
    actor: string;
    /** By which way it came, such as "console" or "alert". */
    channel: string;
    kind: string;
    /** What a person wrote; empty for most. */
    text: string;
    /** JSON. */
    data: string;
    prev_hash: string;
    hash: string;
  };
  /** The runbook's steps as they were at the start. */
  incident_step: {
    incident: string;
    position: number;
    text_en: string;
    text_vi: string;
    /** Slug of the runbook that it was copied from; empty where that was not noted. */
    runbook: Generated<string>;
    done_at: number | null;
    done_by: string | null;
  };
  incident_timer: {
    id: string;
    incident: string;
    kind: TimerKind;
    due_at: number;
    fired_at: Generated<number | null>;
    cancelled_at: Generated<number | null>;
  };
  review: {
    incident: string;
    status: ReviewStatus;
    owner: string | null;
    summary: string;
    root_cause: string;
    contributing: string;
    went_well: string;
    /** What others can learn from it. */
    lessons: Generated<string>;
    created_at: number;
    changed_at: number;
    submitted_by: Generated<string | null>;
    reviewed_by: Generated<string | null>;
    waived_reason: Generated<string | null>;
  };
  action_item: {
    id: string;
    incident: string;
    text: string;
    owner: string;
    due_at: number;
    created_at: number;
    done_at: Generated<number | null>;
    done_by: Generated<string | null>;
    verified_at: Generated<number | null>;
    verified_by: Generated<string | null>;
    /** When its people are reminded next; null once it is verified. */
    remind_at: Generated<number | null>;
  };
}

/** What a timer of an incident is for. */
export type TimerKind =
  | 'ack_due'
  | 'ack_lease'
  | 'escalate'
  | 'update_due'
  | 'resolve_due'
  | 'auto_resolve'
  | 'auto_close'
  | 'review_due';
/** An incident as stored. */
export type IncidentRow = Selectable<IncidentTables['incident']>;
