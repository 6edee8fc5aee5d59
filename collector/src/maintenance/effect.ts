import { sql, type ExpressionBuilder } from 'kysely';
import type { Span } from '../counts/zone.js';
import type { Queryable } from '../store/store.js';
import type { Tables } from '../store/tables.js';
import { covers, type WindowScope } from './covers.js';

const DAY_MS = 24 * 3_600_000;
/** What lasts longer is approved by a second person; operations design, maintenance_window. */
export const APPROVAL_MS = DAY_MS;
/** Reasons that begin so let an alert open an incident, of which nobody is paged. */
export const QUIET = 'quiet:';
/** Why an alert opens no incident. */
const NO_INCIDENT = 'maintenance';

/**
 * From when a window counts: one that was approved late from then on, because nobody makes past uptime look better; an
 * emergency from its begin.
 */
export const countsFrom = sql<number>`CASE WHEN w.kind = 'planned' AND w.approved_at > w.start_at THEN w.approved_at ELSE w.start_at END`;
const realEnd = sql<number>`coalesce(w.ended_early_at, w.end_at)`;
/** When a window really ends: what nobody has approved ends after a day. */
export const countsTo = sql<number>`CASE WHEN w.approval = 'waiting' AND w.start_at + ${sql.lit(APPROVAL_MS)} < ${realEnd}
  THEN w.start_at + ${sql.lit(APPROVAL_MS)} ELSE ${realEnd} END`;

/** Whether a window has any effect: a planned one that waits for its approval has none; an emergency begins at once. */
export function takesEffect(where: ExpressionBuilder<Tables & { w: Tables['maintenance_window'] }, 'w'>) {
  return where.and([
    where('w.cancelled_at', 'is', null),
    where.or([where('w.approval', '<>', 'waiting'), where('w.kind', '=', 'emergency')]),
  ]);
}

/** A window from when it counts to its real end, and what it covers. */
export type ScopedSpan = Span & WindowScope;

/** Every window that reaches into a stretch of time, by when it really counted. */
export async function windowsIn(
  db: Queryable,
  { start, end }: Span,
): Promise<(ScopedSpan & { readonly effect: 'page' | 'create' })[]> {
  return db
    .selectFrom('maintenance_window as w')
    .select(['w.scope', 'w.site', 'w.gateway', 'w.camera', 'w.effect'])
    .select([countsFrom.as('start'), countsTo.as('end')])
    .where(takesEffect)
    .where(countsFrom, '<', end)
    .where(countsTo, '>', start)
    .execute();
}

/**
 * Why nobody is told of trouble at places where people work now.
 * @returns tells the reasons of a path: site/gateway/camera/line as far as it goes; other paths are covered by no window
 */
export async function windowsOver(db: Queryable, now: number): Promise<(path: string) => string[]> {
  const windows = await windowsIn(db, { start: now, end: now + 1 });
  return (path) => {
    const [site = '', gateway = '', id = ''] = path.split('/');
    const over = windows.filter((window) => covers(window, { site, gateway, id }));
    if (over.some(({ effect }) => effect === 'create')) return [NO_INCIDENT];
    return over.length > 0 ? [`${QUIET}${NO_INCIDENT}`] : [];
  };
}
