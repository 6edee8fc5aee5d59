import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { decodeCursor, encodeCursor } from '../schema/cursor.js';
import { newWindowSchema, windowsQuerySchema, windowsSchema } from '../schema/maintenance.js';
import type { Store } from '../store/store.js';
import { placeWords } from './place.js';
import { seriesRoutes } from './series-routes.js';
import { addWindow, approveWindow, endWindow, listWindows, removeWindow } from './windows.js';

const config = { role: 'operator' } as const;
const params = z.object({ id: z.uuid() });

interface MaintenanceRouteOptions {
  readonly store: Store;
  /** UTC ms. */
  readonly now: () => number;
}

/** `/api/v1/maintenance`: time that counts as maintenance instead of as up or down. */
export function maintenanceRoutes(app: FastifyInstance, options: MaintenanceRouteOptions): void {
  const { store, now } = options;
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/maintenance',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'Maintenance windows, the one that begins last first',
        querystring: windowsQuerySchema,
        response: { 200: windowsSchema },
      },
    },
    async ({ query: { open, cursor, limit } }) => {
      const [start, id] = cursor === undefined ? [] : decodeCursor(cursor, z.tuple([z.number(), z.string()]));
      const after = start === undefined || id === undefined ? undefined : { start, id };
      const windows = await listWindows(store, { open, after, limit: limit + 1 }, now());
      const last = windows.length > limit ? windows[limit - 1] : undefined;
      return {
        windows: windows.slice(0, limit),
        next: last === undefined ? null : encodeCursor([last.start, last.id]),
      };
    },
  );
  api.post(
    '/api/v1/maintenance',
    {
      config,
      schema: {
        summary:
          'Plan a maintenance window, or note an emergency that began within the last hour; beyond 24 hours another person approves it',
        body: newWindowSchema,
        response: { 201: params },
      },
    },
    async (request, reply) => {
      const sender = senderOf(request);
      const { start, end, kind, reason } = request.body;
      const time = [start, end].map((at) => new Date(at).toISOString()).join(' to ');
      const entry = { object: placeWords(request.body), detail: `${kind}, ${time}: ${reason}` };
      const intention = { ...sender, action: 'maintenance.add', ...entry };
      const id = await recorded(store, intention, now(), (trx) =>
        addWindow(trx, request.body, sender.actor, now()),
      );
      return reply.code(201).send({ id });
    },
  );
  changeRoutes(app, options);
  seriesRoutes(app, options);
}

function changeRoutes(app: FastifyInstance, { store, now }: MaintenanceRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.post(
    '/api/v1/maintenance/:id/approve',
    {
      config,
      schema: {
        summary: 'Approve a window that somebody else has planned and that lasts longer than 24 hours',
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const sender = senderOf(request);
      const intention = { ...sender, action: 'maintenance.approve', object: id };
      await recorded(store, intention, now(), (trx) => approveWindow(trx, id, sender.actor, now()));
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/api/v1/maintenance/:id/end',
    {
      config,
      schema: { summary: 'End a window that runs before its time', params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const intention = { ...senderOf(request), action: 'maintenance.end', object: id };
      await recorded(store, intention, now(), (trx) => endWindow(trx, id, now()));
      return reply.code(204).send(null);
    },
  );
  api.delete(
    '/api/v1/maintenance/:id',
    {
      config,
      schema: { summary: 'Take back a window that has not begun', params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const intention = { ...senderOf(request), action: 'maintenance.remove', object: id };
      await recorded(store, intention, now(), (trx) => removeWindow(trx, id, now()));
      return reply.code(204).send(null);
    },
  );
}
