import { ProblemError } from '../schema/problem.js';
import type { Closure, OpeningHours, SiteChange } from '../schema/sites.js';
import type { Queryable } from '../store/store.js';
import type { Tables } from '../store/tables.js';

/** A site as people know it. */
export interface Site {
  readonly name: string;
  /** IANA. */
  readonly timeZone: string;
  /** HH:MM of its wall clock at which nobody is inside any more; null for a site that never closes. */
  readonly closingTime: string | null;
  /** Null where nobody has said when it is open. */
  readonly openingHours: OpeningHours | null;
  readonly closures: readonly Closure[];
}

/** Every site by name, or the one that is named. */
export async function sitesOf(db: Queryable, name?: string): Promise<Site[]> {
  let query = db.selectFrom('site').selectAll().orderBy('name');
  if (name !== undefined) query = query.where('name', '=', name);
  return (await query.execute()).map(siteOf);
}

function siteOf(row: Omit<Tables['site'], 'opening_hours' | 'closures'> & StoredHours): Site {
  const { opening_hours: hours, closures } = row;
  return {
    name: row.name,
    timeZone: row.time_zone,
    closingTime: row.closing_time,
    openingHours: hours === null ? null : (JSON.parse(hours) as OpeningHours),
    closures: JSON.parse(closures) as Closure[],
  };
}

interface StoredHours {
  readonly opening_hours: string | null;
  readonly closures: string;
}

/**
 * Change when a site is open; what the change does not name stays.
 * @throws ProblemError when there is no such site
 */
export async function changeSite(db: Queryable, site: string, change: SiteChange): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('site')
    .set(rowOf(change))
    .where('name', '=', site)
    .executeTakeFirst();
  if (numUpdatedRows === 0n)
    throw new ProblemError(404, `there is no site "${site}"; sites come with their first gateway`);
}

/** The columns that a change names. */
function rowOf({ closingTime, openingHours, closures }: SiteChange) {
  return {
    ...(closingTime !== undefined && { closing_time: closingTime }),
    ...(openingHours !== undefined && {
      opening_hours: openingHours === null ? null : JSON.stringify(openingHours),
    }),
    ...(closures !== undefined && { closures: JSON.stringify(closures) }),
  };
}
