import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { calendarFeedsSchema, madeCalendarFeedSchema, newCalendarFeedSchema } from '../schema/oncall.js';
import { ProblemError } from '../schema/problem.js';
import { calendarFile, listFeeds, makeFeed, removeFeed } from './feeds.js';
import type { OncallRouteOptions } from './routes.js';

const config = { role: 'self' } as const;

/** `/api/v1/account/calendars`, and the calendars themselves, which open to whoever knows their address. */
export function feedRoutes(app: FastifyInstance, { store, now }: OncallRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/account/calendars',
    {
      config,
      schema: { summary: 'Your addresses for calendar programs', response: { 200: calendarFeedsSchema } },
    },
    async (request) => ({ calendars: await listFeeds(store, request.username) }),
  );
  api.post(
    '/api/v1/account/calendars',
    {
      config,
      schema: {
        summary: 'Make an address for calendar programs: of your own shifts, or of a schedule',
        body: newCalendarFeedSchema,
        response: { 201: madeCalendarFeedSchema },
      },
    },
    async (request, reply) => {
      const { username, body } = request;
      const detail = body.team === null ? 'own shifts' : `${body.team}/L${String(body.level)}`;
      const entry = { ...senderOf(request), action: 'calendar.make', object: username, detail };
      const made = await recorded(store, entry, now(), (trx) => makeFeed(trx, username, body, now()));
      return reply.code(201).send(made);
    },
  );
  api.delete(
    '/api/v1/account/calendars/:id',
    {
      config,
      schema: {
        summary: 'Take back one of your addresses for calendar programs',
        params: z.object({ id: z.string().max(40) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const entry = { ...senderOf(request), action: 'calendar.remove', object: id };
      await recorded(store, entry, now(), (trx) => removeFeed(trx, request.username, id));
      return reply.code(204).send(null);
    },
  );
  api.get(
    '/api/v1/calendars/:token/on-call.ics',
    {
      // Calendar programs cannot log in: the secret stands in the address.
      config: { public: true },
      schema: {
        summary: 'Who is on call, for calendar programs (RFC 5545)',
        params: z.object({ token: z.string().max(100) }),
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const file = await calendarFile(store, request.params.token, now());
      if (file === undefined) throw new ProblemError(404, 'this address opens no calendar (any more)');
      return reply.type('text/calendar; charset=utf-8').header('cache-control', 'private').send(file);
    },
  );
}
