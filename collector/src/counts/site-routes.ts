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
import { minuteSums } from './read-minutes.js';
import { rollupSums } from './read-rollups.js';
import { siteOccupancy } from './site-occupancy.js';
import { emptySum, tallyOf, type Sum } from './sums.js';
import { groupsOf, targetsOf, type TargetGroup } from './targets.js';
import { closingsIn, type Span } from './zone.js';

const DAY_MS = 24 * 3_600_000;
/** Step of the curve: a quarter of an hour, which every time zone's days are made of. */
const STEP_MS = 900_000;
/** Business days that are looked back on. */
const DAYS_BACK = 8;

/** How far it is looked ahead for the next opening: over the longest holidays (ms). */
const AHEAD_MS = 14 * DAY_MS;

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
      return occupancyOf(store, site, now());
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

async function occupancyOf(store: Store, site: Site, now: number): Promise<SiteOccupancyAnswer> {
  const { name, timeZone, closingTime } = site;
  const from = now - DAYS_BACK * DAY_MS;
  const lines = await targetsOf(store, { kind: 'line', site: name, from });
  const [group] = groupsOf(
    lines.filter(({ entrance }) => entrance),
    'site',
  );
  const missing = closingTime === null ? 'no-closing-time' : group === undefined ? 'no-entrance' : null;
  if (closingTime === null || group === undefined)
    return { site: name, timeZone, closingTime, missing, occupancy: null };
  const closings = closingsIn(timeZone, closingTime, { from, to: now });
  const spans = stepsBetween([...closings, now]);
  const sums = await stepSums(store, group, spans);
  const steps = sums.map((sum, index) => ({ start: spans[index]?.start ?? 0, ...sum }));
  const crossed = steps.filter((step) => step.in + step.out > 0);
  const found = siteOccupancy(closings, crossed, { now, stepMs: STEP_MS });
  const today = emptySum();
  for (const step of steps.filter(({ start }) => start >= found.since)) {
    today.observedMs += step.observedMs;
    today.coveredMs += step.coveredMs;
  }
  const { completeness } = tallyOf(group.targets, { start: found.since, end: now }, today, now);
  return {
    site: name,
    timeZone,
    closingTime,
    missing,
    occupancy: { ...found, days: [...found.days], curve: [...found.curve], completeness },
  };
}

/** From stored sums where the steps fit into them, else from the intervals. */
async function stepSums(store: Store, group: TargetGroup, spans: readonly Span[]): Promise<Sum[]> {
  const fit = spans.every(({ start, end }) => start % STEP_MS === 0 && end % STEP_MS === 0);
  return fit
    ? rollupSums(store, { group, size: 'quarter', spans, only: { entrances: true } })
    : minuteSums(store, group.targets, spans);
}

/** Steps from closing to closing, so that none reaches over a closing hour; the last ends after the last instant. */
function stepsBetween(instants: readonly number[]): Span[] {
  return instants.slice(1).flatMap((end, index) => {
    const start = instants[index] ?? end;
    return Array.from({ length: Math.ceil((end - start) / STEP_MS) }, (_, step) => ({
      start: start + step * STEP_MS,
      end:
        index + 2 === instants.length
          ? start + (step + 1) * STEP_MS
          : Math.min(end, start + (step + 1) * STEP_MS),
    }));
  });
}
