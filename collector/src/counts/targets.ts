import type { Store } from '../store/store.js';

/** A line or a zone with what is needed to say what was expected of it. */
export interface Target {
  readonly kind: 'line' | 'zone';
  readonly site: string;
  readonly timeZone: string;
  readonly gateway: string;
  readonly camera: string;
  readonly id: string;
  /** Whether who crosses it enters or leaves the site; false for zones. */
  readonly entrance: boolean;
  /** Nothing is expected before it was first heard of (UTC ms). */
  readonly firstAt: number;
  /** Nor after this, the end of the counts of one that was taken away; null for one that is in use (UTC ms). */
  readonly until: number | null;
}

/** Which lines or zones; what is left out does not matter. */
export interface TargetFilter {
  readonly kind: 'line' | 'zone';
  readonly site?: string | undefined;
  readonly gateway?: string | undefined;
  readonly camera?: string | undefined;
  readonly id?: string | undefined;
  /** UTC ms; those that were taken away before are left out. */
  readonly from: number;
}

/** The lines or zones that the filter names and that are in use, or were in use when the range began. */
export async function targetsOf(store: Store, filter: TargetFilter): Promise<Target[]> {
  const { kind, site, gateway, camera, id, from } = filter;
  let query = store
    .selectFrom(`${kind} as one` as 'line as one')
    .innerJoin('gateway', 'gateway.name', 'one.gateway')
    .innerJoin('site', 'site.name', 'gateway.site')
    .select(['one.gateway', 'one.camera', 'one.id', 'one.first_at as firstAt', 'one.last_at as lastAt'])
    .select(['one.present', 'site.name as site', 'site.time_zone as timeZone'])
    .where((where) => where.or([where('one.present', '=', 1), where('one.last_at', '>', from)]))
    .orderBy('site.name')
    .orderBy('one.gateway')
    .orderBy('one.camera')
    .orderBy('one.id');
  if (site !== undefined) query = query.where('site.name', '=', site);
  if (gateway !== undefined) query = query.where('one.gateway', '=', gateway);
  if (camera !== undefined) query = query.where('one.camera', '=', camera);
  if (id !== undefined) query = query.where('one.id', '=', id);
  const rows = await (kind === 'line' ? query.select('one.entrance') : query).execute();
  return rows.map(({ lastAt, present, firstAt, ...one }) => ({
    kind,
    ...one,
    entrance: 'entrance' in one && one.entrance === 1,
    // A zone that no interval has come of yet has no beginning: nothing is expected of it.
    firstAt: (firstAt as number | null) ?? Infinity,
    until: present === 1 ? null : (lastAt ?? firstAt),
  }));
}

/** Lines or zones whose counts are added up into one row per bucket; all are of one site. */
export interface TargetGroup {
  /** Tells it from the others. */
  readonly key: string;
  readonly kind: 'line' | 'zone';
  readonly site: string;
  readonly timeZone: string;
  /** Null where the group reaches over several. */
  readonly gateway: string | null;
  readonly camera: string | null;
  readonly id: string | null;
  readonly targets: readonly [Target, ...Target[]];
}

/** Lines or zones one by one, or those of a camera or a site together. */
export function groupsOf(targets: readonly Target[], by: 'each' | 'camera' | 'site'): TargetGroup[] {
  const groups = new Map<string, [Target, ...Target[]]>();
  for (const target of targets) {
    const { site, gateway, camera, id } = target;
    const key = { each: `${gateway}/${camera}/${id}`, camera: `${gateway}/${camera}`, site }[by];
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [target]);
    else known.push(target);
  }
  return [...groups].map(([key, members]) => {
    const [{ kind, site, timeZone, gateway, camera, id }] = members;
    return {
      ...{ key, kind, site, timeZone, targets: members },
      gateway: by === 'site' ? null : gateway,
      camera: by === 'site' ? null : camera,
      id: by === 'each' ? id : null,
    };
  });
}
