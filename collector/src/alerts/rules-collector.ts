/** Default rules 15 to 35 of the operations design: hosts, the collector and how it is run. */
import type { AlertRule } from './rule.js';
import { rule, when } from './rules-build.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const HOST_RULES: readonly AlertRule[] = [
  rule({
    ...{ number: 15, slug: 'host-cpu-thermal', groupBy: 'host', runbook: 'host-cpu', keep: 10 * MINUTE },
    conditions: [
      when('host.cpu', '>', 90, { name: 'cpu', clear: 80, severity: 'low', for: 15 * MINUTE }),
      when('host.throttled', '>=', 1, { name: 'throttled', clear: 0, severity: 'medium', for: 5 * MINUTE }),
      when('host.temperature', '>', 85, { name: 'hot', clear: 75, severity: 'medium', for: 5 * MINUTE }),
    ],
  }),
  rule({
    ...{ number: 16, slug: 'host-memory', groupBy: 'host', runbook: 'host-memory', keep: 10 * MINUTE },
    conditions: [when('host.memory', '>', 90, { clear: 80, severity: 'medium', for: 15 * MINUTE })],
  }),
  rule({
    ...{ number: 17, slug: 'host-disk', groupBy: 'host', runbook: 'host-disk', keep: 15 * MINUTE },
    conditions: [
      when('host.disk-full-in', '<', 24, { name: 'full-24h', clear: 48, severity: 'medium', for: HOUR }),
      when('host.disk-full-in', '<', 4, { name: 'full-4h', clear: 24, severity: 'critical', for: HOUR }),
      when('host.disk-free', '<', 5, { name: 'free-5', clear: 10, severity: 'high', for: 30 * MINUTE }),
      when('host.disk-free', '<', 3, { name: 'free-3', clear: 10, severity: 'critical', for: 30 * MINUTE }),
    ],
  }),
];

const OWN_RULES: readonly AlertRule[] = [
  rule({
    ...{ number: 18, slug: 'collector-api-burn', groupBy: 'component', runbook: 'api-errors', keep: 0 },
    inhibitedBy: ['db-slow', 'db-corrupt'],
    // SRE workbook, 99.9 %; the windows of days would not outlive a restart.
    conditions: [
      when('api.burn-hour', '>', 14.4, {
        name: '1h',
        clear: 14.4,
        severity: 'critical',
        for: 0,
        minSamples: 100,
      }),
      when('api.burn-six-hours', '>', 6, { name: '6h', clear: 6, severity: 'high', for: 0, minSamples: 100 }),
    ],
  }),
  rule({
    ...{
      number: 19,
      slug: 'collector-latency',
      groupBy: 'component',
      runbook: 'api-latency',
      keep: 10 * MINUTE,
    },
    inhibitedBy: ['db-slow'],
    conditions: [
      when('api.latency', '>', 200, {
        ...{ name: 'average', clear: 150, severity: 'high', for: 10 * MINUTE, minSamples: 100 },
      }),
      // More than 5 % beyond 500 ms is a 95th percentile beyond it.
      when('api.slow-share', '>', 5, {
        ...{ name: 'p95', clear: 2.5, severity: 'high', for: 10 * MINUTE, minSamples: 100 },
      }),
      when('collector.loop-delay', '>', 200, {
        name: 'loop',
        clear: 150,
        severity: 'high',
        for: 10 * MINUTE,
      }),
    ],
  }),
  rule({
    ...{
      number: 20,
      slug: 'collector-ingest-down',
      groupBy: 'component',
      runbook: 'ingest',
      keep: 2 * MINUTE,
    },
    inhibitedBy: ['broker-down'],
    conditions: [when('ingest.silence', '>', 120, { clear: 120, severity: 'critical', for: MINUTE })],
  }),
  rule({
    ...{ number: 21, slug: 'broker-down', groupBy: 'component', runbook: 'broker-down', keep: 30 },
    // The probe itself waits for three failures in a row, and three successes take it 30 s.
    conditions: [when('broker.down', '>=', 1, { clear: 0, severity: 'critical', for: 0 })],
  }),
  rule({
    ...{ number: 22, slug: 'broker-slow-consumers', groupBy: 'component', runbook: 'broker-slow' },
    // Ten minutes of the window and five more: nothing for a quarter of an hour.
    ...{ inhibitedBy: ['broker-down'], keep: 5 * MINUTE },
    conditions: [
      when('broker.slow-consumers', '>', 5, { name: 'ended', clear: 0, severity: 'medium', for: 5 * MINUTE }),
      when('broker.in-flight', '>=', 100, { name: 'full', clear: 50, severity: 'medium', for: 5 * MINUTE }),
    ],
  }),
  rule({
    ...{ number: 23, slug: 'db-slow', groupBy: 'component', runbook: 'db-slow', keep: 10 * MINUTE },
    inhibitedBy: ['host-disk'],
    conditions: [
      // More than 5 % beyond 100 ms is a 95th percentile beyond it.
      when('db.slow-share', '>', 5, {
        ...{ name: 'writes', clear: 2.5, severity: 'high', for: 5 * MINUTE, minSamples: 20 },
      }),
      // Four times what SQLite is told to keep in its log: 4000 pages of 4 KiB.
      when('db.wal', '>', 65.5, { name: 'log', clear: 32.8, severity: 'high', for: 5 * MINUTE }),
    ],
  }),
  rule({
    ...{ number: 24, slug: 'db-corrupt', groupBy: 'component', runbook: 'db-restore', keep: 0 },
    conditions: [when('db.corrupt', '>=', 1, { clear: null, severity: 'critical', for: 0 })],
  }),
];

const CARE_RULES: readonly AlertRule[] = [
  rule({
    ...{ number: 25, slug: 'outbox-stuck', groupBy: 'component', runbook: 'pager-stuck', keep: 5 * MINUTE },
    // Told by other channels first, and by the watcher elsewhere: see escalation/pages.ts and notify/ping.ts.
    conditions: [
      when('pages.waiting', '>', 60, { name: 'waiting', clear: 0, severity: 'critical', for: 0 }),
      when('pages.unknown', '>', 5, { name: 'unknown', clear: 0, severity: 'critical', for: 0 }),
    ],
  }),
  rule({
    ...{ number: 26, slug: 'oncall-gap', groupBy: 'component', runbook: 'oncall-gap', keep: 0 },
    conditions: [
      when('oncall.gap-in', '<', 24, { name: 'day', clear: 24, severity: 'high', for: 0 }),
      when('oncall.gap-in', '<', 336, { name: 'fortnight', clear: 336, severity: 'medium', for: 0 }),
    ],
  }),
  rule({
    ...{ number: 27, slug: 'pager-test-failed', groupBy: 'component', runbook: 'pager-test', keep: 0 },
    // Beyond the ten minutes that the answer may take.
    conditions: [when('pager-test.late', '>', 0, { clear: 0, severity: 'high', for: 0 })],
  }),
  rule({
    ...{ number: 28, slug: 'backup-late-or-unverified', groupBy: 'component', runbook: 'backup-late' },
    keep: 0,
    // Of a daily backup with two hours of grace: 26 h and 50 h; of a weekly restore with a day of grace: 8 d and 15 d.
    conditions: [
      when('backup.missed', '>=', 1, { name: 'late', clear: 0, severity: 'medium', for: 0 }),
      when('backup.missed', '>=', 2, { name: 'missed-two', clear: 0, severity: 'high', for: 0 }),
      when('restore.missed', '>=', 1, { name: 'unverified', clear: 0, severity: 'medium', for: 0 }),
      when('restore.missed', '>=', 2, { name: 'unverified-two', clear: 0, severity: 'high', for: 0 }),
    ],
  }),
  rule({
    ...{ number: 29, slug: 'restore-failed', groupBy: 'component', runbook: 'restore-check', keep: 0 },
    conditions: [when('restore.failed', '>=', 1, { clear: 0, severity: 'critical', for: 0 })],
  }),
  rule({
    ...{ number: 30, slug: 'cert-or-cred-expiring', groupBy: 'component', runbook: 'cert-renew', keep: 0 },
    conditions: [
      // Of a third of its life, or of seven days where that is longer.
      when('certificate.margin', '<', 1, { name: 'soon', clear: 1, severity: 'medium', for: HOUR }),
      when('certificate.days', '<', 3, { name: '3-days', clear: 3, severity: 'high', for: HOUR }),
      when('certificate.days', '<=', 0, { name: 'expired', clear: 0.01, severity: 'critical', for: HOUR }),
      // Of 14 days, or of a third of its life where that is shorter.
      when('token.margin', '<', 1, { name: 'token', clear: 1, severity: 'low', for: HOUR }),
      when('token.unused', '>', 90, { name: 'unused', clear: 90, severity: 'low', for: HOUR }),
    ],
  }),
  rule({
    ...{ number: 31, slug: 'auth-attack', groupBy: 'component', runbook: 'auth-attack', keep: 30 * MINUTE },
    conditions: [
      when('login.failures-account', '>=', 10, { name: 'account', clear: 0, severity: 'high', for: 0 }),
      when('login.failures-address', '>=', 50, { name: 'address', clear: 0, severity: 'high', for: 0 }),
      when('login.guessed', '>=', 1, { name: 'guessed', clear: 0, severity: 'high', for: 0 }),
      when('broker.wrong-logins', '>', 20, { name: 'gateways', clear: 0, severity: 'high', for: 0 }),
      when('broker.denials', '>=', 1, { name: 'denials', clear: 0, severity: 'high', for: 0 }),
    ],
  }),
  rule({
    ...{ number: 32, slug: 'privilege-change', groupBy: 'component', runbook: 'priv-change', keep: 0 },
    conditions: [
      when('account.privileges', '>=', 1, { name: 'rights', clear: null, severity: 'high', for: 0 }),
      when('audit.broken', '>=', 1, { name: 'audit-log', clear: null, severity: 'critical', for: 0 }),
    ],
  }),
  rule({
    ...{ number: 33, slug: 'vuln-overdue', groupBy: 'component', runbook: 'vuln', keep: 0 },
    conditions: [when('vuln.overdue', '>', 0, { clear: 0, severity: 'high', for: 0 })],
  }),
  rule({
    ...{ number: 34, slug: 'procedure-missed', groupBy: 'component', runbook: 'procedures', keep: 0 },
    conditions: [
      when('procedure.missed', '>=', 1, { name: 'missed', clear: 0, severity: 'low', for: 0 }),
      when('procedure.missed', '>=', 2, { name: 'missed-two', clear: 0, severity: 'medium', for: 0 }),
    ],
  }),
  rule({
    ...{ number: 35, slug: 'deadman', groupBy: 'component', runbook: 'collector-dead', keep: 0 },
    // A dead collector is told by the watcher outside. This is the other half: pings that do not arrive there.
    conditions: [when('watcher.silence', '>', 180, { clear: 0, severity: 'critical', for: 0 })],
  }),
];

export const COLLECTOR_RULES: readonly AlertRule[] = [...HOST_RULES, ...OWN_RULES, ...CARE_RULES];
