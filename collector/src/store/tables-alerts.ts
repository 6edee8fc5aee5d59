/** Tables of alerts. Times are UTC ms, truth is 0 or 1. */
export interface AlertTables {
  /** What people changed of a default rule. Every version is kept as it was; the highest one counts. */
  alert_rule: {
    slug: string;
    version: number;
    /** What differs from the default, as JSON. */
    override: string;
    author: string;
    at: number;
  };
  /** One rule's condition at one place. */
  alert: {
    id: string;
    rule: string;
    /** Of the rule when it opened; 0 is the default as it stands in code. */
    rule_version: number;
    condition: string;
    severity: 'critical' | 'high' | 'medium' | 'low';
    asset_kind: string;
    asset_path: string;
    asset_name: string;
    /** Of what it is about; one that is not resolved exists once per key. */
    dedup_key: string;
    /** Alerts of one key belong to one problem. */
    group_key: string;
    /** In every language, as JSON. */
    title: string;
    runbook: string;
    state: 'pending' | 'firing' | 'clearing' | 'resolved';
    /** As last seen when the state changed. */
    value: number | null;
    unit: string;
    threshold: number;
    first_true_at: number;
    fired_at: number | null;
    /** Since when the condition has been false; null unless clearing. */
    clearing_at: number | null;
    resolved_at: number | null;
    resolve_reason: 'auto' | 'stale' | 'manual' | 'rule_removed' | null;
    /** When its timer ends: fires, resolves; null where it has none. */
    due_at: number | null;
    /** Reasons why nobody is told, as a JSON list. */
    suppressed_by: string;
    /** When it was handed on to become an incident. */
    announced_at: number | null;
    /** Since when nothing is known; `no_data_since` once that lasts longer than three periods of its signal. */
    unknown_since: number | null;
    no_data_since: number | null;
    /** When it came back while clearing, in the last hour, as a JSON list. */
    flaps: string;
  };
  alert_event: {
    alert_id: string;
    seq: number;
    at: number;
    kind: string;
    /** As JSON. */
    data: string;
  };
  /** What Prometheus' Alertmanager says; kept until it has been silent for a week. */
  alert_external: {
    fingerprint: string;
    firing: number;
    name: string;
    title: string;
    severity: AlertTables['alert']['severity'];
    asset: string;
    /** Address of its runbook; empty where it has none. */
    runbook: string;
    starts_at: number;
    /** From then on it is stale unless it was said again. */
    ends_at: number;
    updated_at: number;
  };
}
