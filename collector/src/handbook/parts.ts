import type { HandbookPart } from '../schema/handbook-words.js';

/** Runbooks by the part of the system that they are about, in the order of the rules. */
export const RUNBOOKS_OF_PART: Readonly<Record<Exclude<HandbookPart, 'guides'>, readonly string[]>> = {
  gateways: ['gateway-offline', 'site-uplink', 'gateway-flapping', 'clock-skew', 'gateway-backlog'],
  cameras: ['camera-offline', 'camera-degraded', 'camera-frozen', 'camera-tamper', 'slo-camera'],
  counts: ['count-silence', 'count-anomaly', 'accuracy-audit'],
  hosts: ['host-cpu', 'host-memory', 'host-disk'],
  collector: ['api-errors', 'api-latency', 'ingest', 'broker-down', 'broker-slow', 'collector-dead'],
  database: ['db-slow', 'db-restore', 'backup-late', 'restore-check'],
  paging: ['pager-stuck', 'oncall-gap', 'pager-test'],
  security: ['cert-renew', 'auth-attack', 'priv-change', 'vuln', 'procedures'],
};
