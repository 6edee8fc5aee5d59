import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { sitesSchema, siteOccupancySchema, type SiteOccupancyAnswer } from '../schema/api.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { linesOf, countSpan } from './counts.js';
import { siteOccupancy, type EntranceStep } from './site-occupancy.js';
import { closingsIn } from './zone.js';

const DAY_MS = 24 * 3_600_000;
/** Step of the curve: a quarter of an hour, which every time zone's days are made of. */
const STEP_MS = 900_000;
/** Business days that are looked back on. */
const DAYS_BACK = 8;

interface Site {
  readonly name: string;
  readonly time_zone: string;
  readonly closing_time: string | null;
}

/** `GET /api/v1/sites` and `/sites/:site/occupancy`. */
export function siteRoutes(app: FastifyInstance, { store, now }: { store: Store; now: () => number }): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/sites',
    { schema: { summary: 'Every site', response: { 200: sitesSchema } } },
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
      return occupancyOf(store, site, now());
    },
  );
}

async function occupancyOf(store: Store, site: Site, now: number): Promise<SiteOccupancyAnswer> {
  const { name, time_zone: timeZone, closing_time: closingTime } = site;
  const lines = (await linesOf(store, { from: now })).filter(
    (line) => line.site === name && line.entrance === 1,
  );
  const missing = closingTime === null ? 'no-closing-time' : lines.length === 0 ? 'no-entrance' : null;
  if (closingTime === null || missing !== null)
    return { site: name, timeZone, closingTime, missing, occupancy: null };
  const closings = closingsIn(timeZone, closingTime, { from: now - DAYS_BACK * DAY_MS, to: now });
  const found = siteOccupancy(closings, await entranceSteps(store, lines, closings), {
    now,
    stepMs: STEP_MS,
  });
  const today = { start: found.since, end: now };
  const tallies = await Promise.all(lines.map((line) => countSpan(store, line, today, now)));
  const observed = tallies.reduce((sum, tally) => sum + tally.observedMs, 0);
  const expected = tallies.reduce((sum, tally) => sum + tally.expectedMs, 0);
  const completeness = expected === 0 ? null : Math.min(1, observed / expected);
  return {
    site: name,
    timeZone,
    closingTime,
    missing,
    occupancy: { ...found, days: [...found.days], curve: [...found.curve], completeness },
  };
}

async function entranceSteps(
  store: Store,
  lines: readonly { gateway: string; camera: string; line: string }[],
  closings: readonly number[],
): Promise<EntranceStep[]> {
  const steps = new Map<number, { in: number; out: number }>();
  for (const { gateway, camera, line } of lines) {
    const rows = await store
      .selectFrom('count_interval')
      .select(['start_at', 'in_count', 'out_count'])
      .where('gateway', '=', gateway)
      .where('camera', '=', camera)
      .where('line', '=', line)
      .where('start_at', '>=', closings[0] ?? Infinity)
      .execute();
    for (const row of rows) {
      // A step never reaches over a closing hour: what came after it belongs to the new day.
      const closed = closings.findLast((closing) => closing <= row.start_at) ?? 0;
      const start = Math.max(closed, Math.floor(row.start_at / STEP_MS) * STEP_MS);
      const step = steps.get(start) ?? { in: 0, out: 0 };
      steps.set(start, { in: step.in + row.in_count, out: step.out + row.out_count });
    }
  }
  return [...steps].map(([start, sums]) => ({ start, ...sums })).sort((a, b) => a.start - b.start);
}
