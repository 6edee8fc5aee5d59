import type { Store } from '../store/store.js';
import type { AlertTables } from '../store/tables-alerts.js';
import type { OwnNumbers } from './own-numbers.js';

/** Where an alert is: a site, or below one a gateway, a camera, a line; or a part of the collector. */
export interface Asset {
  readonly kind:
    'site' | 'gateway' | 'camera' | 'line' | 'collector' | 'account' | 'address' | 'token' | 'external';
  /** From the root to it, such as `shop/lobby/door/main`; parts of the collector begin with `@collector`. */
  readonly path: string;
  readonly name: string;
}

export type Severity = AlertTables['alert']['severity'];

/** What a signal says of one place. */
export interface Sample {
  readonly asset: Asset;
  /** Unknown is a value of its own: it neither fires nor resolves. `stale`: who reported it has not come back. */
  readonly value: number | 'unknown' | 'stale';
  /** How many observations it rests on; left out where that says nothing. */
  readonly samples?: number;
  /** Tells apart what one place has several of. */
  readonly dim?: string;
  /** Of what others have found out, instead of what the rule says. */
  readonly says?: { readonly title: string; readonly severity: Severity; readonly runbook: string };
}

/** What signals measure, with the unit of their values. */
export const SIGNALS = {
  'gateway.silence': { unit: 's', gone: 'removed' },
  'site.offline-share': { unit: '%', gone: 'removed' },
  'gateway.connects': { unit: '1/h', gone: 'removed' },
  'gateway.clock-offset': { unit: 's', gone: 'removed' },
  'gateway.clock-unsynchronised': { unit: '', gone: 'removed' },
  'gateway.backlog': { unit: 'min', gone: 'removed' },
  'camera.down': { unit: '', gone: 'removed' },
  'camera.reconnects': { unit: '1/h', gone: 'removed' },
  'camera.stalls': { unit: '1/h', gone: 'removed' },
  'camera.frozen': { unit: '', gone: 'removed' },
  'camera.tamper': { unit: '', gone: 'removed' },
  'camera.burn-hour': { unit: '×', gone: 'removed' },
  'camera.burn-six-hours': { unit: '×', gone: 'removed' },
  'camera.burn-three-days': { unit: '×', gone: 'removed' },
  'line.silence': { unit: '1/h', gone: 'removed' },
  'line.unusual': { unit: '', gone: 'removed' },
  'site.left': { unit: '', gone: 'removed' },
  'line.missing': { unit: '1/d', gone: 'zero' },
  'gateway.refused': { unit: '1/d', gone: 'zero' },
  'line.accuracy-fail': { unit: '', gone: 'removed' },
  'line.accuracy-due': { unit: '', gone: 'removed' },
  'host.cpu': { unit: '%', gone: 'removed' },
  'host.throttled': { unit: '', gone: 'removed' },
  'host.temperature': { unit: '°C', gone: 'removed' },
  'host.memory': { unit: '%', gone: 'removed' },
  'host.disk-free': { unit: '%', gone: 'removed' },
  'host.disk-full-in': { unit: 'h', gone: 'removed' },
  'api.burn-hour': { unit: '×', gone: 'removed' },
  'api.burn-six-hours': { unit: '×', gone: 'removed' },
  'api.latency': { unit: 'ms', gone: 'removed' },
  'api.slow-share': { unit: '%', gone: 'removed' },
  'collector.loop-delay': { unit: 'ms', gone: 'removed' },
  'ingest.silence': { unit: 's', gone: 'removed' },
  'broker.down': { unit: '', gone: 'removed' },
  'db.slow-share': { unit: '%', gone: 'removed' },
  'db.wal': { unit: 'MB', gone: 'removed' },
  'certificate.margin': { unit: '×', gone: 'removed' },
  'certificate.days': { unit: 'd', gone: 'removed' },
  'token.margin': { unit: '×', gone: 'removed' },
  'token.unused': { unit: 'd', gone: 'removed' },
  'login.failures-account': { unit: '1/10 min', gone: 'zero' },
  'login.failures-address': { unit: '1/10 min', gone: 'zero' },
  'login.guessed': { unit: '', gone: 'zero' },
  'account.privileges': { unit: '', gone: 'zero' },
  'broker.slow-consumers': { unit: '1/10 min', gone: 'removed' },
  'broker.in-flight': { unit: '%', gone: 'removed' },
  'broker.wrong-logins': { unit: '1/5 min', gone: 'removed' },
  'broker.denials': { unit: '1/10 min', gone: 'removed' },
  'db.corrupt': { unit: '', gone: 'zero' },
  'audit.broken': { unit: '', gone: 'zero' },
  'pages.waiting': { unit: 's', gone: 'zero' },
  'pages.unknown': { unit: 'min', gone: 'zero' },
  'pager-test.late': { unit: 'min', gone: 'removed' },
  'oncall.gap-in': { unit: 'h', gone: 'removed' },
  'backup.missed': { unit: '', gone: 'removed' },
  'restore.missed': { unit: '', gone: 'removed' },
  'restore.failed': { unit: '', gone: 'removed' },
  'procedure.missed': { unit: '', gone: 'removed' },
  'vuln.overdue': { unit: 'd', gone: 'zero' },
  'watcher.silence': { unit: 's', gone: 'removed' },
  external: { unit: '', gone: 'removed' },
} as const satisfies Record<
  string,
  {
    readonly unit: string;
    /** What it means that a place is not named any more: it was taken away, or there is nothing to count. */
    readonly gone: 'removed' | 'zero';
  }
>;

export type SignalName = keyof typeof SIGNALS;

/** What a source reads; a signal that is not named has no samples. */
export type Readings = Partial<Record<SignalName, Sample[]>>;

/** Signals that come from the same rows, read at once for all places. */
export interface Source {
  readonly signals: readonly SignalName[];
  /** How often it is read (ms). */
  readonly periodMs: number;
  /** @param own numbers of this collector @param now UTC ms */
  readonly read: (store: Store, now: number, own: OwnNumbers) => Promise<Readings>;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A part of the collector. */
export function collectorPart(part: string, name: string): Asset {
  return { kind: 'collector', path: part === '' ? '@collector' : `@collector/${part}`, name };
}

/** 1 for what is so, 0 for what is not. */
export function flag(so: boolean): number {
  return so ? 1 : 0;
}

/** A burn rate to three digits: what cannot be told apart must not decide. */
export function burnRate(badShare: number, budget: number): number {
  return Math.round((1000 * badShare) / budget) / 1000;
}
