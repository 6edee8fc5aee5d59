/** Default rules 1 to 14 of the operations design: sites, gateways, cameras and lines. */
import type { AlertRule } from './rule.js';
import { rule, when } from './rules-build.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const FLEET_RULES: readonly AlertRule[] = [
  rule({
    ...{ number: 1, slug: 'gateway-offline', groupBy: 'site', runbook: 'gateway-offline', keep: 2 * MINUTE },
    inhibitedBy: ['collector-ingest-down', 'broker-down', 'site-uplink-down'],
    // Three heartbeats of 30 s; a gateway says something at least every minute.
    conditions: [when('gateway.silence', '>', 90, { clear: 90, severity: 'high', for: 2 * MINUTE })],
  }),
  rule({
    ...{ number: 2, slug: 'site-uplink-down', groupBy: 'site', runbook: 'site-uplink', keep: 3 * MINUTE },
    inhibitedBy: ['broker-down', 'collector-ingest-down'],
    conditions: [
      when('site.offline-share', '>=', 80, { clear: 50, severity: 'critical', for: MINUTE, minSamples: 2 }),
    ],
  }),
  rule({
    ...{ number: 3, slug: 'gateway-flapping', groupBy: 'site', runbook: 'gateway-flapping', keep: HOUR },
    inhibitedBy: ['gateway-offline'],
    conditions: [when('gateway.connects', '>=', 4, { clear: 1, severity: 'medium', for: 0 })],
  }),
  rule({
    ...{ number: 4, slug: 'gateway-clock-skew', groupBy: 'site', runbook: 'clock-skew', keep: 10 * MINUTE },
    inhibitedBy: ['gateway-offline'],
    conditions: [
      when('gateway.clock-offset', '>', 2, {
        name: 'offset',
        clear: 0.5,
        severity: 'medium',
        for: 10 * MINUTE,
      }),
      when('gateway.clock-unsynchronised', '>=', 1, {
        ...{ name: 'unsynchronised', clear: 0, severity: 'medium', for: 10 * MINUTE },
      }),
    ],
  }),
  rule({
    ...{ number: 5, slug: 'gateway-backlog', groupBy: 'site', runbook: 'gateway-backlog', keep: 5 * MINUTE },
    inhibitedBy: ['site-uplink-down'],
    conditions: [when('gateway.backlog', '>', 10, { clear: 2, severity: 'high', for: 5 * MINUTE })],
  }),
  rule({
    ...{ number: 6, slug: 'camera-offline', groupBy: 'site', runbook: 'camera-offline', keep: 2 * MINUTE },
    inhibitedBy: ['gateway-offline'],
    conditions: [when('camera.down', '>=', 1, { clear: 0, severity: 'high', for: 2 * MINUTE })],
  }),
  rule({
    ...{ number: 7, slug: 'camera-degraded', groupBy: 'site', runbook: 'camera-degraded', keep: 30 * MINUTE },
    inhibitedBy: ['camera-offline', 'host-cpu-thermal'],
    conditions: [
      when('camera.reconnects', '>', 10, {
        name: 'reconnects',
        clear: 2,
        severity: 'medium',
        for: 10 * MINUTE,
      }),
      when('camera.stalls', '>', 100, { name: 'stalls', clear: 20, severity: 'medium', for: 10 * MINUTE }),
    ],
  }),
  rule({
    ...{ number: 8, slug: 'camera-frozen', groupBy: 'site', runbook: 'camera-frozen', keep: MINUTE },
    inhibitedBy: ['camera-offline'],
    conditions: [when('camera.frozen', '>=', 1, { clear: 0, severity: 'high', for: MINUTE })],
  }),
  rule({
    ...{ number: 9, slug: 'camera-tamper', groupBy: 'site', runbook: 'camera-tamper', keep: 0 },
    inhibitedBy: ['camera-offline'],
    // 0 only after somebody has accepted the picture: it does not clear by itself.
    conditions: [when('camera.tamper', '>=', 1, { clear: 0, severity: 'high', for: MINUTE })],
  }),
  rule({
    ...{ number: 10, slug: 'camera-slo-burn', groupBy: 'site', runbook: 'slo-camera', keep: 0 },
    inhibitedBy: ['camera-offline'],
    // Factors of the design for 99 % in 28 days; a condition counts when both of its windows are beyond.
    conditions: [
      when('camera.burn-hour', '>', 13.44, { name: '1h', clear: 13.44, severity: 'high', for: 0 }),
      when('camera.burn-six-hours', '>', 5.6, { name: '6h', clear: 5.6, severity: 'high', for: 0 }),
      when('camera.burn-three-days', '>', 0.93, { name: '3d', clear: 0.93, severity: 'medium', for: 0 }),
    ],
  }),
  rule({
    ...{ number: 11, slug: 'count-silence', groupBy: 'line', runbook: 'count-silence', keep: 0 },
    inhibitedBy: ['camera-offline', 'camera-frozen'],
    // The value is what is usual while nobody crosses, 1 for one or two crossings, 0 for three.
    conditions: [when('line.silence', '>=', 20, { clear: 0, severity: 'high', for: 30 * MINUTE })],
  }),
  rule({
    ...{ number: 12, slug: 'count-anomaly', groupBy: 'line', runbook: 'count-anomaly', keep: HOUR },
    inhibitedBy: ['count-silence'],
    conditions: [
      when('line.unusual', '>=', 1, { name: 'unusual', clear: 0, severity: 'medium', for: 0 }),
      when('site.left', '>=', 1, { name: 'left', clear: 0, severity: 'medium', for: 0 }),
      when('line.missing', '>=', 1, { name: 'missing', clear: 0, severity: 'medium', for: 0 }),
      when('gateway.refused', '>=', 1, { name: 'refused', clear: 0, severity: 'medium', for: 0 }),
    ],
  }),
  rule({
    ...{ number: 13, slug: 'accuracy-fail', groupBy: 'line', runbook: 'accuracy-audit', keep: 0 },
    conditions: [when('line.accuracy-fail', '>=', 1, { clear: 0, severity: 'high', for: 0 })],
  }),
  rule({
    ...{ number: 14, slug: 'accuracy-due', groupBy: 'line', runbook: 'accuracy-audit', keep: 0 },
    conditions: [when('line.accuracy-due', '>=', 1, { clear: 0, severity: 'low', for: 7 * DAY })],
  }),
];
