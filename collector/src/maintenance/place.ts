import { ProblemError } from '../schema/problem.js';
import type { Queryable } from '../store/store.js';
import type { WindowScope } from './covers.js';

/** What somebody wants to work on. */
export type WantedPlace =
  | { readonly scope: 'site'; readonly site: string }
  | { readonly scope: 'gateway'; readonly gateway: string }
  | { readonly scope: 'camera'; readonly gateway: string; readonly camera: string };

/** A place as windows store it. @throws ProblemError 404 for a site, gateway or camera that there is not */
export async function placeOf(db: Queryable, wanted: WantedPlace): Promise<WindowScope> {
  const { scope } = wanted;
  if (wanted.scope === 'site') {
    const site = await db
      .selectFrom('site')
      .select('name')
      .where('name', '=', wanted.site)
      .executeTakeFirst();
    if (site === undefined) throw new ProblemError(404, `site: there is no site "${wanted.site}"`);
    return { scope, site: site.name, gateway: null, camera: null };
  }
  const gateway = await db
    .selectFrom('gateway')
    .select(['name', 'site'])
    .where('name', '=', wanted.gateway)
    .executeTakeFirst();
  if (gateway === undefined) throw new ProblemError(404, `gateway: there is no gateway "${wanted.gateway}"`);
  if (wanted.scope === 'gateway') return { scope, site: gateway.site, gateway: gateway.name, camera: null };
  const camera = await db
    .selectFrom('camera')
    .select('id')
    .where('gateway', '=', gateway.name)
    .where('id', '=', wanted.camera)
    .executeTakeFirst();
  if (camera === undefined)
    throw new ProblemError(404, `camera: gateway "${gateway.name}" has no camera "${wanted.camera}"`);
  return { scope, site: gateway.site, gateway: gateway.name, camera: camera.id };
}

/** A place in words, for the audit log. */
export function placeWords(wanted: WantedPlace): string {
  switch (wanted.scope) {
    case 'site':
      return `site ${wanted.site}`;
    case 'gateway':
      return `gateway ${wanted.gateway}`;
    case 'camera':
      return `camera ${wanted.gateway}/${wanted.camera}`;
  }
}
