import type { Generated } from 'kysely';

/** L1 on-call engineer, L2 senior, L3 technical lead, L4 project manager. */
export type Level = 1 | 2 | 3 | 4;

/** Tables of on-call. Times are UTC ms, truth is 0 or 1; a schedule is named by its team and level. */
export interface OncallTables {
  team: { name: string; title: string; created_at: number };
  team_member: { team: string; username: string };
  /** Where a person can be reached. Owner, kind and address never change: another address is another contact. */
  user_contact: {
    id: string;
    username: string;
    kind: 'email' | 'slack' | 'discord' | 'sms' | 'voice' | 'webhook';
    address: string;
    language: 'en' | 'vi';
    /** 1 with `verified_at`. A table of messages points at (id, verified = 1), and the database holds it. */
    verified: Generated<number>;
    verified_at: number | null;
    /** Argon2 of the code that was sent last; null when none is out. */
    code_hash: string | null;
    code_sent_at: number | null;
    /** Wrong tries of that code. */
    code_tries: Generated<number>;
    /** Why nothing is sent there; null while it is in use. */
    disabled_reason: string | null;
    last_ok_at: number | null;
    last_fail_at: number | null;
    created_at: number;
  };
  schedule: {
    team: string;
    level: Level;
    /** IANA. */
    time_zone: string;
    /** End of its last span. */
    built_to: number;
  };
  /** People who take turns. Where several cover a moment, the one with the lowest position counts. */
  rotation: {
    team: string;
    level: Level;
    position: number;
    kind: 'hours' | 'days' | 'weeks' | 'months';
    length: number;
    /** First hand-off on the wall clock, such as 2026-03-02T09:00. */
    start: string;
    /** Hours of the week as JSON; null for all. */
    hours: string | null;
  };
  rotation_member: { team: string; level: Level; rotation: number; position: number; username: string };
  /** Somebody else is on duty for a while. */
  oncall_override: {
    id: string;
    team: string;
    level: Level;
    from_at: number;
    to_at: number;
    username: string;
    reason: string;
    /** Only where this person would be on duty; null for whoever is. */
    replaces: string | null;
    created_by: string;
    created_at: number;
  };
  /** Who is on duty when. Spans of a schedule never overlap; a stretch without anybody has a row, too. */
  oncall_span: {
    team: string;
    level: Level;
    from_at: number;
    to_at: number;
    /** Null where nobody is on duty. */
    username: string | null;
    override_id: string | null;
  };
  /** What whoever goes off duty tells whoever comes. */
  handover_note: { id: string; team: string; level: Level; author: string; at: number; text: string };
  /** An address that a calendar program asks, with a secret in it. */
  calendar_feed: {
    id: string;
    token_hash: string;
    username: string;
    /** The schedule that it shows; null for the shifts of its owner. */
    team: string | null;
    level: Level | null;
    created_at: number;
    used_at: number | null;
  };
  /** Which level is paged how long after the start of an incident. */
  escalation_step: {
    severity: 'critical' | 'high' | 'medium' | 'low';
    position: number;
    level: Level;
    offset_ms: number;
  };
}
