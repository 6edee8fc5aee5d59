import type { AlertmanagerMessage } from '../schema/alerts.js';
import type { Queryable } from '../store/store.js';
import { DAY_MS, type Asset, type Severity } from './signal.js';
import { EXTERNAL_KEPT_MS } from './sources/external.js';

/**
 * Alertmanager gives the year 1 as the end of an alert that fires, and says it again every few hours (repeat_interval, 4 h by
 * default). After a day without a word it is stale.
 */
const SAID_AGAIN_MS = DAY_MS;
/** What Prometheus' rules use, in our words. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  ...{
    critical: 'critical',
    page: 'critical',
    high: 'high',
    error: 'high',
    medium: 'medium',
    warning: 'medium',
  },
  ...{ low: 'low', info: 'low', none: 'low' },
};
const MAX_TEXT = 300;

type External = AlertmanagerMessage['alerts'][number];

/** Keep what Alertmanager says; the next tick makes alerts of it. @returns how many it told of */
export async function takeAlertmanager(
  db: Queryable,
  { alerts }: AlertmanagerMessage,
  now: number,
): Promise<number> {
  await db
    .deleteFrom('alert_external')
    .where('updated_at', '<=', now - EXTERNAL_KEPT_MS)
    .execute();
  for (const alert of alerts) {
    const { fingerprint, ...row } = rowOf(alert, now);
    await db
      .insertInto('alert_external')
      .values({ fingerprint, ...row })
      .onConflict((conflict) => conflict.column('fingerprint').doUpdateSet(row))
      .execute();
  }
  return alerts.length;
}

function rowOf({ status, labels, annotations, startsAt, endsAt, fingerprint }: External, now: number) {
  const name = labels['alertname'] ?? 'Prometheus';
  const ends = Date.parse(endsAt);
  const where = labels['instance'] ?? labels['job'] ?? name;
  const asset: Asset = { kind: 'external', path: `@prometheus/${slug(name)}/${slug(where)}`, name: where };
  return {
    ...{ fingerprint, firing: status === 'firing' ? 1 : 0, name, updated_at: now },
    title: (annotations['summary'] ?? name).slice(0, MAX_TEXT),
    severity: SEVERITIES[(labels['severity'] ?? '').toLowerCase()] ?? 'medium',
    asset: JSON.stringify(asset),
    runbook: runbookOf(annotations['runbook_url'] ?? ''),
    starts_at: Date.parse(startsAt),
    ends_at: ends > now ? ends : now + SAID_AGAIN_MS,
  };
}

/** The slug of one of our own runbooks, whose steps an incident then gets; any other address as it is. */
function runbookOf(address: string): string {
  return /#handbook\/([a-z0-9-]+)$/.exec(address)?.[1] ?? address.slice(0, MAX_TEXT);
}

/** A label as part of a path. */
function slug(text: string): string {
  return text.replace(/[/\s]+/g, '-').slice(0, 100);
}
