import type { Generated, Insertable, Selectable } from 'kysely';
import type { AccuracyTables } from './tables-accuracy.js';
import type { AlertTables } from './tables-alerts.js';
import type { CountTables } from './tables-counts.js';
import type { DrillTables } from './tables-drills.js';
import type { EscalationTables } from './tables-escalation.js';
import type { FleetTables } from './tables-fleet.js';
import type { IncidentTables } from './tables-incidents.js';
import type { MaintenanceTables } from './tables-maintenance.js';
import type { NotifyTables } from './tables-notify.js';
import type { ObservabilityTables } from './tables-observability.js';
import type { OncallTables } from './tables-oncall.js';
import type { RuleTables } from './tables-rules.js';
import type { SecurityTables } from './tables-security.js';
import type { VerdictTables } from './tables-verdicts.js';
import type { WebhookTables } from './tables-webhooks.js';

/** Times are UTC ms. JSON stands in text columns, so that the same schema fits SQLite and PostgreSQL. */
export interface Tables
  extends
    AccuracyTables,
    AlertTables,
    CountTables,
    DrillTables,
    EscalationTables,
    FleetTables,
    IncidentTables,
    MaintenanceTables,
    NotifyTables,
    ObservabilityTables,
    OncallTables,
    RuleTables,
    SecurityTables,
    VerdictTables,
    WebhookTables {
  site: {
    name: string;
    time_zone: string;
    /** HH:MM on the site's wall clock; null for a site that never closes. */
    closing_time: string | null;
    /** Hours of the week as JSON; null where nobody has said when the site is open. */
    opening_hours: Generated<string | null>;
    /** Days on which it is closed, as a JSON list. */
    closures: Generated<string>;
  };
  gateway: {
    name: string;
    site: string;
    secret_hash: string;
    /** Of the password before, and until when (UTC ms) it still counts. */
    old_secret_hash: Generated<string | null>;
    old_secret_until: Generated<number | null>;
    added_at: number;
    status: 'online' | 'stopped' | 'offline' | 'never-seen';
    status_since: number | null;
    last_seen_at: number | null;
    boot_id: string | null;
    version: string | null;
    config_version: string | null;
    model_hash: string | null;
    /** The collector that took its last birth. */
    instance: Generated<string | null>;
    /** Ed25519 SubjectPublicKeyInfo, base64 DER, and when the gateway enrolled; null for one that never did. */
    device_key: Generated<string | null>;
    enrolled_at: Generated<number | null>;
  };
  /** Collectors that share this database and when they last said that they are alive. */
  collector_instance: { id: string; seen_at: number };
  lease: { name: string; holder: string; until_at: number };
  /** Certificates that gateways log in with; one that is not here is worth nothing. */
  gateway_certificate: {
    /** Lower-case hex. */
    serial: string;
    gateway: string;
    /** Of the request that it answers: the same request again gets the same certificate. */
    request_sha256: string;
    pem: string;
    issued_at: number;
    expires_at: number;
    revoked_at: number | null;
  };
  /** One-time codes, hashed. A used one is kept until it expires, so that a second use can be named as such. */
  enrolment_code: {
    code_hash: string;
    gateway: string;
    made_at: number;
    expires_at: number;
    used_at: number | null;
    /** The certificate that it gave. */
    serial: string | null;
  };
  walk_test: {
    gateway: string;
    epoch: string;
    seq: number;
    camera: string;
    line: string;
    started_at: number;
    ended_at: number;
    passed: number;
    /** 1 when the enrolled device key signed it; else `problem` says why it proves nothing. */
    verified: number;
    problem: string | null;
    /** The signed result with its signature, as it came. */
    body: string;
  };
  camera: {
    gateway: string;
    id: string;
    name: string;
    state: string | null;
    cause: string | null;
    since: number | null;
    /** 1 while the gateway's last birth named it. */
    present: number;
  };
  line: {
    gateway: string;
    camera: string;
    id: string;
    name: string;
    /** 1 while the gateway's last birth named it. */
    present: number;
    /** First birth that named it or start of its first interval, whichever is earlier: nothing is expected before. */
    first_at: number;
    /** End of its newest interval; null before the first. */
    last_at: number | null;
    /** 1 when who crosses it enters or leaves the site. */
    entrance: Generated<number>;
    /** What people call the two directions. */
    name_in: Generated<string>;
    name_out: Generated<string>;
  };
  zone: {
    gateway: string;
    camera: string;
    id: string;
    name: string;
    capacity: number | null;
    /** 1 while the gateway's last birth named it. */
    present: number;
    /** As of a line; null for a zone that has never been counted. */
    first_at: number | null;
    last_at: number | null;
  };
  zone_interval: {
    gateway: string;
    epoch: string;
    seq: number;
    camera: string;
    zone: string;
    start_at: number;
    end_at: number;
    entries: number;
    exits: number;
    occupancy_max: number | null;
    queue_max: number | null;
    /** Time that the visits in the dwell histogram lasted together, and how many they are. */
    dwell_ms: number;
    dwell_visits: number;
    observed_ms: number;
    /** The whole record as JSON. */
    body: string;
  };
  zone_edge: {
    gateway: string;
    epoch: string;
    seq: number;
    camera: string;
    zone: string;
    at: number;
    over: number;
    occupancy: number;
    capacity: number;
  };
  count_interval: {
    gateway: string;
    epoch: string;
    seq: number;
    camera: string;
    line: string;
    start_at: number;
    end_at: number;
    in_count: number;
    out_count: number;
    total_in: number;
    total_out: number;
    occupancy_min: number | null;
    occupancy_max: number | null;
    occupancy_mean: number | null;
    observed_ms: number;
    gaps: string;
    config_version: string;
    model_hash: string;
    received_at: number;
    stitched: Generated<number>;
    /** JSON list of what was wrong with the picture; null when nothing was. */
    suspect: string | null;
  };
  camera_edge: {
    gateway: string;
    epoch: string;
    seq: number;
    camera: string;
    state: string;
    cause: string;
    at: number;
  };
  /** All conditions of a camera's picture from `at` on, as a JSON list; `accepted` is 1 when a person said that it is right. */
  scene_edge: {
    gateway: string;
    epoch: string;
    seq: number;
    camera: string;
    at: number;
    active: string;
    accepted: number;
  };
  /** An audited clip; the body is the whole signed record as JSON. */
  audit_clip: {
    gateway: string;
    epoch: string;
    seq: number;
    camera: string;
    line: string;
    at: number;
    body: string;
  };
  host_sample: { gateway: string; epoch: string; seq: number; at: number; body: string };
  gateway_event: { gateway: string; epoch: string; seq: number; at: number; event: string; detail: string };
  ingest_cursor: {
    gateway: string;
    epoch: string;
    stored_up_to: number;
    updated_at: number;
  };
  /** Sequence numbers that an outbox skipped, both ends included. */
  seq_hole: { gateway: string; epoch: string; from_seq: number; to_seq: number; found_at: number };
  dead_letter: {
    id: Generated<number>;
    gateway: string;
    topic: string;
    /** Empty, and 0, where not even the envelope could be read. */
    epoch: string;
    seq: number;
    reason: string;
    payload: string;
    payload_sha256: string;
    at: number;
  };
  desired_config: {
    gateway: string;
    version: number;
    /** As somebody wrote it, with the names of presets. */
    settings: string;
    /** As the gateway gets it, with the presets as they were; null where none is named. */
    sent: Generated<string | null>;
    author: string;
    at: number;
    /** What it came from, such as "version 3 again"; empty for a change by hand. */
    note: Generated<string>;
  };
  reported_config: { gateway: string; body: string; received_at: number };
}

/** Presence of a gateway as stored. */
export type GatewayStatus = Selectable<Tables['gateway']>['status'];
export type CountRow = Insertable<Tables['count_interval']>;
/** A row of `zone_interval` to insert. */
export type ZoneRow = Insertable<Tables['zone_interval']>;
