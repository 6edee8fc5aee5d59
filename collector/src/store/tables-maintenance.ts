import type { Generated } from 'kysely';

/** Where a window is: gateway and camera are null where the scope does not reach down to them. */
interface WindowPlace {
  scope: 'site' | 'gateway' | 'camera';
  site: string;
  gateway: string | null;
  camera: string | null;
}

/** Tables of maintenance and silences. Times are UTC ms. */
export interface MaintenanceTables {
  /** Time in which a site, a gateway or a camera is worked on. */
  maintenance_window: WindowPlace & {
    id: string;
    start_at: number;
    end_at: number;
    reason: string;
    kind: 'planned' | 'emergency';
    author: string;
    created_at: number;
    ended_early_at: number | null;
    /** `create`: no incident is opened; `page`: incidents are opened, and nobody is paged. */
    effect: Generated<'page' | 'create'>;
    /** `none`: it needs none. */
    approval: Generated<'none' | 'waiting' | 'approved'>;
    approver: string | null;
    approved_at: number | null;
    /** The series that it is one of. */
    series: string | null;
    /** When the channels were told of it beforehand, of its begin and of its end. */
    announced_at: number | null;
    begin_told_at: number | null;
    end_told_at: number | null;
    /** Taken back after it was announced. */
    cancelled_at: number | null;
  };
  /** A window that comes again. */
  maintenance_series: WindowPlace & {
    id: string;
    /** An RRULE, without its start. */
    rule: string;
    /** IANA. */
    time_zone: string;
    /** First time on the wall clock, such as 2026-03-02T01:00. */
    start: string;
    duration_ms: number;
    reason: string;
    effect: 'page' | 'create';
    author: string;
    created_at: number;
    /** Windows are made for all that begins before this. */
    built_to: number;
    ended_at: number | null;
  };
  /** Alerts of which nobody is told for a while. */
  silence: {
    id: string;
    /** Slug; null for every rule. */
    rule: string | null;
    /** Of the place and all below it; null for every place. */
    path: string | null;
    until_at: number;
    reason: string;
    author: string;
    created_at: number;
    /** Since when no open alert fits; null while one does. */
    unmatched_since: number | null;
    /** Before its time: by a person, or because nothing had fitted for a day. */
    ended_at: number | null;
    end_reason: 'manual' | 'unmatched' | null;
    ended_by: string | null;
  };
}
