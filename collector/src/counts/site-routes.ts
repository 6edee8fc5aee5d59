import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { changeSite, sitesOf, type Site } from '../fleet/sites.js';
import { siteOccupancySchema, type SiteOccupancyAnswer } from '../schema/api.js';
import { ProblemError } from '../schema/problem.js';
import { siteChangeSchema, siteSchema, sitesSchema, type SiteAnswer } from '../schema/sites.js';
import type { Queryable, Store } from '../store/store.js';
import { closureAt, openSpans } from './open-time.js';
import { readSiteOccupancy, type SiteRead } from './read-site.js';

/** How far it is looked ahead for the next opening: over the longest holidays (ms). */
const AHEAD_MS = 14 * 24 * 3_600_000;

/** `GET /api/v1/sites`, `PATCH /api/v1/sites/:site` and `GET /api/v1/sites/:site/occupancy`. */
export function siteRoutes(app: FastifyInstance, { store, now }: { store: Store; now: () => number }): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/sites',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'Every site', response: { 200: sitesSchema } },
    },
    async () => ({ sites: (await sitesOf(store)).map((site) => describe(site, now())) }),
  );
  api.patch(
    '/api/v1/sites/:site',
    {
      config: { role: 'admin', scope: 'fleet:write' },
      schema: {
        summary: 'Change when a site is open; what is not named stays',
        params: z.object({ site: slugSchema }),
        body: siteChangeSchema,
        response: { 200: siteSchema },
      },
    },
    async (request) => {
      const { site } = request.params;
      const detail = Object.keys(request.body).join(', ');
      if (detail === '')
        throw new ProblemError(400, 'nothing to change: name closingTime, openingHours or closures');
      const entry = { ...senderOf(request), action: 'site.change', object: site, detail };
      return recorded(store, entry, now(), async (trx) => {
        await changeSite(trx, site, request.body);
        return describe(await siteNamed(trx, site), now());
      });
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
      const site = await siteNamed(store, params.site);
      return answerOf(site, await readSiteOccupancy(store, site, now()));
    },
  );
}

async function siteNamed(db: Queryable, name: string): Promise<Site> {
  const [site] = await sitesOf(db, name);
  if (site === undefined) throw new ProblemError(404, `there is no site "${name}"`);
  return site;
}

/** A site with whether it is open. */
function describe(site: Site, now: number): SiteAnswer {
  const { timeZone, openingHours: hours } = site;
  const closures = [...site.closures];
  if (hours === null) return { ...site, closures, open: null, changesAt: null, closure: null };
  const calendar = { timeZone, hours, closures };
  const [next] = openSpans(calendar, { from: now, to: now + AHEAD_MS });
  const open = next?.start === now;
  const change = open ? next.end : next?.start;
  const changesAt = change === undefined || change === now + AHEAD_MS ? null : change;
  return { ...site, closures, open, changesAt, closure: closureAt(calendar, now)?.name ?? null };
}

function answerOf({ name, timeZone, closingTime }: Site, read: SiteRead): SiteOccupancyAnswer {
  if ('missing' in read) return { site: name, timeZone, closingTime, missing: read.missing, occupancy: null };
  const { days, curve, ...found } = read.occupancy;
  const completeness = read.completeness({ start: found.since, end: read.now });
  const occupancy = { ...found, days: [...days], curve: [...curve], completeness };
  return { site: name, timeZone, closingTime, missing: null, occupancy };
}
