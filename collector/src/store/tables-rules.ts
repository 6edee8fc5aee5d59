import type { Selectable } from 'kysely';

/** What rules measure that is done outside of the collector, or once a night. Times are UTC ms, truth is 0 or 1. */
export interface RuleTables {
  /** Work that must be done again and again. Due after `period_s`, or where `cron` in `time_zone` says. */
  heartbeat: {
    slug: string;
    title: string;
    /** `self-check` is the collector's own: nobody defines or reports it. */
    kind: 'backup' | 'restore-check' | 'procedure' | 'self-check';
    period_s: number | null;
    cron: string | null;
    /** IANA; with `cron`. */
    time_zone: string | null;
    /** Allowed beyond the due time. */
    grace_s: number;
    /** 1 while nothing is expected. */
    paused: number;
    /** From when on it is expected: when it was defined, or defined anew. */
    since_at: number;
    last_start_at: number | null;
    last_ok_at: number | null;
    /** First failure since it was well; null while it is. */
    failing_since: number | null;
    /** Of the newest report. */
    note: string;
  };
  /** What scanners found in the software that runs here. */
  vuln_finding: {
    id: string;
    source: string;
    component: string;
    version: string;
    /** Such as CVE-2026-1234. */
    vulnerability: string;
    severity: 'critical' | 'high' | 'medium' | 'low';
    /** 1 for one of CISA's list of known exploited ones, and for one that strangers can reach. */
    kev: number;
    exposed: number;
    first_seen_at: number;
    /** When it must be fixed; null for one that nothing says it of. */
    due_at: number | null;
    state: 'open' | 'fixed' | 'accepted';
    /** Somebody accepts it until then. */
    accepted_until: number | null;
    accepted_by: string | null;
    reason: string | null;
    fixed_at: number | null;
  };
}

export type HeartbeatRow = Selectable<RuleTables['heartbeat']>;
export type FindingRow = Selectable<RuleTables['vuln_finding']>;
