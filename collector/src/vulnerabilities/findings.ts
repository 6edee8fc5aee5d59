import { randomUUID } from 'node:crypto';
import { ProblemError } from '../schema/problem.js';
import type { Finding, Found } from '../schema/vulnerabilities.js';
import type { Queryable } from '../store/store.js';
import type { FindingRow } from '../store/tables-rules.js';

const DAY_MS = 24 * 3_600_000;
const YEAR_MS = 366 * DAY_MS;
/** When a finding must be fixed; operations design, rule vuln-overdue (CISA BOD 19-02). */
const EXPLOITED_DAYS = 3;
const DAYS: Readonly<Partial<Record<Found['severity'], number>>> = { critical: 15, high: 30 };

/** When a finding must be fixed (UTC ms); null where nothing says so. */
function dueOf({ severity, kev, exposed }: Found, firstSeenAt: number): number | null {
  const days = kev && exposed ? EXPLOITED_DAYS : DAYS[severity];
  return days === undefined ? null : firstSeenAt + days * DAY_MS;
}

/**
 * Take all that one scanner finds now. What it found before and does not name any more is fixed; what was fixed and is there
 * again is new; what somebody accepted stays accepted.
 * @param now UTC ms
 */
export async function takeScan(
  db: Queryable,
  source: string,
  findings: readonly Found[],
  now: number,
): Promise<{ found: number; opened: number; fixed: number }> {
  const rows = await db.selectFrom('vuln_finding').selectAll().where('source', '=', source).execute();
  const left = new Map(rows.map((row) => [keyOf(row), row]));
  const named = new Map(findings.map((found) => [keyOf(found), found]));
  let opened = 0;
  for (const [key, found] of named) {
    const known = left.get(key);
    left.delete(key);
    const again = known === undefined || known.state === 'fixed';
    if (again) opened += 1;
    const firstSeenAt = again ? now : known.first_seen_at;
    const row = {
      ...{ severity: found.severity, kev: found.kev ? 1 : 0, exposed: found.exposed ? 1 : 0 },
      ...{ first_seen_at: firstSeenAt, due_at: dueOf(found, firstSeenAt) },
      ...(again && { state: 'open' as const, fixed_at: null }),
    };
    const { component, version, vulnerability } = found;
    if (known === undefined)
      await db
        .insertInto('vuln_finding')
        .values({ id: randomUUID(), source, component, version, vulnerability, state: 'open', ...row })
        .execute();
    else await db.updateTable('vuln_finding').set(row).where('id', '=', known.id).execute();
  }
  const gone = [...left.values()].filter(({ state }) => state !== 'fixed');
  for (const { id } of gone)
    await db
      .updateTable('vuln_finding')
      .set({ state: 'fixed', fixed_at: now, accepted_until: null, accepted_by: null, reason: null })
      .where('id', '=', id)
      .execute();
  return { found: named.size, opened, fixed: gone.length };
}

const keyOf = ({
  component,
  version,
  vulnerability,
}: Pick<Found, 'component' | 'version' | 'vulnerability'>) =>
  JSON.stringify([component, version, vulnerability]);

/**
 * Live with a finding until a day, for a reason.
 * @param now UTC ms
 * @throws ProblemError 400 for an end that is no day of the next year, 404 for what nobody found or what is fixed
 */
export async function acceptFinding(
  db: Queryable,
  id: string,
  { until, reason, by }: { until: number; reason: string; by: string },
  now: number,
): Promise<void> {
  if (until <= now || until > now + YEAR_MS)
    throw new ProblemError(
      400,
      'until: must be after now and at most a year ahead; set an end to look again',
    );
  const { numUpdatedRows } = await db
    .updateTable('vuln_finding')
    .set({ state: 'accepted', accepted_until: until, accepted_by: by, reason })
    .where('id', '=', id)
    .where('state', '<>', 'fixed')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new ProblemError(404, 'there is no open finding with this id');
}

/** Findings that are not fixed, the one that is due first comes first. */
export async function listFindings(db: Queryable): Promise<Finding[]> {
  const rows = await openFindings(db).selectAll().execute();
  return rows
    .map((row) => ({
      ...{ id: row.id, source: row.source, component: row.component, version: row.version },
      ...{ vulnerability: row.vulnerability, severity: row.severity, state: row.state },
      ...{ kev: row.kev === 1, exposed: row.exposed === 1, firstSeenAt: row.first_seen_at },
      ...{ dueAt: dueNow(row), acceptedUntil: row.accepted_until },
      ...{ acceptedBy: row.accepted_by, reason: row.reason },
    }))
    .sort((a, b) => (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity));
}

/** Findings that are not fixed, and when each is due: one that was accepted when that ends. */
export function openFindings(db: Queryable) {
  return db.selectFrom('vuln_finding').where('state', '<>', 'fixed');
}

/** When a finding is due as things are; UTC ms. */
export function dueNow({ due_at, accepted_until }: FindingRow): number | null {
  return accepted_until === null ? due_at : Math.max(accepted_until, due_at ?? 0);
}
