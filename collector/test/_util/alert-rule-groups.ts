/** The rules whose four tests stand in `alert-rules-<group>.test.ts`. */
export const RULE_GROUPS = {
  fleet: [
    ...['gateway-offline', 'site-uplink-down', 'gateway-flapping', 'gateway-clock-skew', 'gateway-backlog'],
    ...['camera-offline', 'camera-degraded', 'camera-frozen', 'camera-tamper', 'camera-slo-burn'],
  ],
  counts: ['count-silence', 'count-anomaly', 'accuracy-fail', 'accuracy-due'],
  collector: [
    ...['host-cpu-thermal', 'host-memory', 'host-disk', 'collector-api-burn', 'collector-latency'],
    ...['collector-ingest-down', 'broker-down', 'broker-slow-consumers', 'db-slow', 'db-corrupt'],
  ],
  care: [
    ...['outbox-stuck', 'oncall-gap', 'pager-test-failed', 'backup-late-or-unverified', 'restore-failed'],
    ...['cert-or-cred-expiring', 'auth-attack', 'privilege-change', 'vuln-overdue', 'procedure-missed'],
    'deadman',
  ],
} as const;

export type RuleGroup = keyof typeof RULE_GROUPS;
