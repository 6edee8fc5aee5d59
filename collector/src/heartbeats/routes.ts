import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { heartbeatReportSchema, heartbeatSchema, heartbeatsSchema } from '../schema/heartbeats.js';
import type { Store } from '../store/store.js';
import { defineHeartbeat, listHeartbeats, removeHeartbeat, reportHeartbeat } from './heartbeats.js';

const params = z.object({ slug: slugSchema });

/** `/api/v1/heartbeats`: work that must be done again and again, and what became of it. */
export function heartbeatRoutes(
  app: FastifyInstance,
  { store, now }: { readonly store: Store; /** UTC ms. */ readonly now: () => number },
): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/heartbeats',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'Backups, test restores, checklists and own checks: what is due, late or failed',
        response: { 200: heartbeatsSchema },
      },
    },
    async () => ({ heartbeats: await listHeartbeats(store, now()) }),
  );
  api.put(
    '/api/v1/heartbeats/:slug',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'Define work that must be done again and again, or define it anew',
        params,
        body: heartbeatSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { slug } = request.params;
      const detail = JSON.stringify(request.body);
      const entry = { ...senderOf(request), action: 'heartbeat.define', object: slug, detail };
      await recorded(store, entry, now(), (trx) => defineHeartbeat(trx, slug, request.body, now()));
      return reply.code(204).send(null);
    },
  );
  api.delete(
    '/api/v1/heartbeats/:slug',
    {
      config: { role: 'admin' },
      schema: { summary: 'Expect it no more', params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { slug } = request.params;
      const entry = { ...senderOf(request), action: 'heartbeat.remove', object: slug };
      await recorded(store, entry, now(), (trx) => removeHeartbeat(trx, slug));
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/api/v1/heartbeats/:slug/reports',
    {
      config: { role: 'operator', scope: 'heartbeats:write' },
      schema: {
        summary: 'Say that it has begun, was done or failed; the audit log keeps who said so',
        params,
        body: heartbeatReportSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { slug } = request.params;
      const { outcome, note } = request.body;
      const entry = { ...senderOf(request), action: `heartbeat.${outcome}`, object: slug, detail: note };
      await recorded(store, entry, now(), (trx) => reportHeartbeat(trx, slug, request.body, now()));
      return reply.code(204).send(null);
    },
  );
}
