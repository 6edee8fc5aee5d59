import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { sitesSchema, siteOccupancySchema, type SiteOccupancyAnswer } from '../schema/api.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { readSiteOccupancy, type Site, type SiteRead } from './read-site.js';

/** `GET /api/v1/sites` and `/sites/:site/occupancy`. */
export function siteRoutes(app: FastifyInstance, { store, now }: { store: Store; now: () => number }): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/sites',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'Every site', response: { 200: sitesSchema } },
    },
    async () => {
      const sites = await store.selectFrom('site').selectAll().orderBy('name').execute();
      return {
        sites: sites.map(({ name, time_zone: timeZone, closing_time: closingTime }) => ({
          name,
          timeZone,
          closingTime,
        })),
      };
    },
  );
  api.get(
    '/api/v1/sites/:site/occupancy',
    {
      config: { role: 'viewer', scope: 'counts:read' },
      schema: {
        summary:
          'People at a site: in minus out of its entrances since the last closing hour, with the drift of past days',
        params: z.object({ site: slugSchema }),
        response: { 200: siteOccupancySchema },
      },
    },
    async ({ params }) => {
      const site = await store
        .selectFrom('site')
        .selectAll()
        .where('name', '=', params.site)
        .executeTakeFirst();
      if (site === undefined) throw new ProblemError(404, `there is no site "${params.site}"`);
      return answerOf(site, await readSiteOccupancy(store, site, now()));
    },
  );
}

function answerOf(
  { name, time_zone: timeZone, closing_time: closingTime }: Site,
  read: SiteRead,
): SiteOccupancyAnswer {
  if ('missing' in read) return { site: name, timeZone, closingTime, missing: read.missing, occupancy: null };
  const { days, curve, ...found } = read.occupancy;
  const completeness = read.completeness({ start: found.since, end: read.now });
  const occupancy = { ...found, days: [...days], curve: [...curve], completeness };
  return { site: name, timeZone, closingTime, missing: null, occupancy };
}
