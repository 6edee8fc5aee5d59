import { missedRuns } from '../../heartbeats/due.js';
import type { HeartbeatRow } from '../../store/tables-rules.js';
import { dueNow, openFindings } from '../../vulnerabilities/findings.js';
import { collectorPart, DAY_MS, flag, MINUTE_MS, type Asset, type Sample, type Source } from '../signal.js';

/** Names of the collector's own nightly checks; see self-checks.ts. */
export const DATABASE_CHECK = 'collector-database';
export const AUDIT_CHECK = 'collector-audit-log';

/** Backups, test restores, checklists and the collector's own checks, as they were reported. */
export const heartbeatSource: Source = {
  signals: [
    ...(['backup.missed', 'restore.missed', 'restore.failed', 'procedure.missed'] as const),
    ...(['db.corrupt', 'audit.broken'] as const),
  ],
  periodMs: MINUTE_MS,
  async read(store, now) {
    const rows = await store.selectFrom('heartbeat').selectAll().execute();
    const missed = (kind: HeartbeatRow['kind']) =>
      rows.flatMap((row): Sample[] => {
        const value = row.kind === kind ? missedRuns(row, now) : null;
        return value === null ? [] : [{ asset: assetOf(row), value }];
      });
    const restores = rows.filter(({ kind, paused }) => kind === 'restore-check' && paused === 0);
    // Each series of failures on its own: a person who looked at one has not looked at the next.
    const failing = (check: string, asset: Asset) =>
      rows.flatMap(({ slug, kind, failing_since }): Sample[] =>
        slug === check && kind === 'self-check' && failing_since !== null
          ? [{ asset, value: 1, dim: String(failing_since) }]
          : [],
      );
    return {
      'backup.missed': missed('backup'),
      'restore.missed': missed('restore-check'),
      'restore.failed': restores.map((row) => ({
        asset: assetOf(row),
        value: flag(row.failing_since !== null),
      })),
      'procedure.missed': missed('procedure'),
      'db.corrupt': failing(DATABASE_CHECK, collectorPart('db', 'Database')),
      'audit.broken': failing(AUDIT_CHECK, collectorPart('audit-log', 'Audit log')),
    };
  },
};

function assetOf({ slug, title }: HeartbeatRow): Asset {
  return collectorPart(`heartbeat/${slug}`, title);
}

/** How long findings of scanners are overdue. */
export const findingSource: Source = {
  signals: ['vuln.overdue'],
  periodMs: 5 * MINUTE_MS,
  async read(store, now) {
    const rows = await openFindings(store).selectAll().execute();
    return {
      'vuln.overdue': rows.flatMap((row): Sample[] => {
        const due = dueNow(row);
        const { id, component, version, vulnerability } = row;
        const asset = collectorPart(`finding/${id}`, `${component} ${version}, ${vulnerability}`);
        return due === null ? [] : [{ asset, value: Math.max(0, now - due) / DAY_MS }];
      }),
    };
  },
};
