import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { handoverSchema } from '../schema/handover.js';
import {
  calendarQuerySchema,
  calendarSchema,
  escalationSchema,
  gapsSchema,
  onCallSchema,
  scheduleParamSchema,
  SEVERITIES,
} from '../schema/oncall.js';
import type { Store } from '../store/store.js';
import { contactRoutes } from './contact-routes.js';
import type { SendCode } from './contacts.js';
import { feedRoutes } from './feed-routes.js';
import { gaps } from './gaps.js';
import { handoverOf } from './handover.js';
import { calendarOf, onCallNow } from './on-call.js';
import { overrideRoutes } from './override-routes.js';
import { escalationOf } from './targets.js';
import { teamRoutes } from './team-routes.js';

const DAY_MS = 24 * 3_600_000;

/** What the routes of this stage need. */
export interface OncallRouteOptions {
  readonly store: Store;
  /** UTC ms. */
  readonly now: () => number;
  readonly sendCode: SendCode;
}

const config = { role: 'viewer', scope: 'fleet:read' } as const;

/** On-call: teams, schedules, who is on duty, contacts, calendars. */
export function oncallRoutes(app: FastifyInstance, options: OncallRouteOptions): void {
  readRoutes(app, options);
  teamRoutes(app, options);
  overrideRoutes(app, options);
  contactRoutes(app, options);
  feedRoutes(app, options);
}

function readRoutes(app: FastifyInstance, { store, now }: OncallRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/on-call',
    {
      config,
      schema: {
        summary: 'Who is on call now by team and level, until when, and who is next',
        response: { 200: onCallSchema },
      },
    },
    async () => onCallNow(store, now()),
  );
  api.get(
    '/api/v1/on-call/calendar',
    {
      config,
      schema: {
        summary: 'Who of a team is on call in the days from today on; stretches without anybody have no user',
        querystring: calendarQuerySchema,
        response: { 200: calendarSchema },
      },
    },
    async ({ query }) => calendarOf(store, query, now()),
  );
  api.get(
    '/api/v1/on-call/gaps',
    {
      config,
      schema: {
        summary: 'What stands in the way of reaching somebody in the next days, the earliest first',
        querystring: z.object({ days: z.coerce.number().int().min(1).max(90).default(14) }),
        response: { 200: gapsSchema },
      },
    },
    async ({ query }) => ({ gaps: await gaps(store, { from: now(), to: now() + query.days * DAY_MS }) }),
  );
  api.get(
    '/api/v1/on-call/handover',
    {
      config,
      schema: {
        summary:
          'What whoever comes on duty must know: open incidents, what happened in the last shifts, notes',
        querystring: scheduleParamSchema,
        response: { 200: handoverSchema },
      },
    },
    async ({ query }) => handoverOf(store, query, now()),
  );
  api.get(
    '/api/v1/escalation',
    {
      config,
      schema: {
        summary: 'Which level is paged how long after the start of an incident, by severity',
        response: { 200: escalationSchema },
      },
    },
    async () => ({
      ladders: await Promise.all(
        SEVERITIES.map(async (severity) => ({ severity, steps: await escalationOf(store, severity) })),
      ),
    }),
  );
}
