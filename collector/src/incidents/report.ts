import { SEVERITIES, type Severity } from '../schema/incident-words.js';
import type { IncidentReport } from '../schema/incidents.js';
import type { Queryable } from '../store/store.js';
import type { IncidentRow } from '../store/tables-incidents.js';
import { TARGETS } from './targets.js';

/**
 * How fast people were with the incidents that were opened in a span; merged ones are their parent's. One that resolved by
 * itself within its target without anybody is neither in time nor late.
 * @param span UTC ms, without its beginning and with its end
 * @param now UTC ms: what is open is late from its target on
 */
export async function reportOf(
  db: Queryable,
  { from, to }: { from: number; to: number },
  now = to,
): Promise<IncidentReport> {
  const rows = await db
    .selectFrom('incident')
    .select(['severity', 'started_at', 'acked_at', 'resolved_at'])
    .where('started_at', '>', from)
    .where('started_at', '<=', to)
    .where('status', '<>', 'merged')
    .execute();
  const severities = SEVERITIES.map((severity) =>
    lineOf(
      severity,
      rows.filter((row) => row.severity === severity),
      now,
    ),
  );
  return { from, to, severities };
}

type Row = Pick<IncidentRow, 'severity' | 'started_at' | 'acked_at' | 'resolved_at'>;

function lineOf(severity: Severity, rows: readonly Row[], now: number): IncidentReport['severities'][number] {
  const { responseMs } = TARGETS[severity];
  const acked = rows.flatMap(({ started_at, acked_at }) =>
    acked_at === null ? [] : [acked_at - started_at],
  );
  const inTime = acked.filter((ms) => ms <= responseMs).length;
  const neverAcked = rows.filter(
    ({ acked_at, resolved_at, started_at }) =>
      acked_at === null && (resolved_at ?? now) - started_at > responseMs,
  ).length;
  const late = acked.length - inTime + neverAcked;
  return {
    ...{ severity, incidents: rows.length, responseTargetMs: responseMs, inTime, late },
    inTimeShare: inTime + late === 0 ? null : inTime / (inTime + late),
    mttaMs: mean(acked),
    mttrMs: mean(
      rows.flatMap(({ started_at, resolved_at }) => (resolved_at === null ? [] : [resolved_at - started_at])),
    ),
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
