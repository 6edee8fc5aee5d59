import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../schema/cursor.js';
import { auditLogQuerySchema, auditLogSchema } from '../schema/security.js';
import type { Store } from '../store/store.js';
import { listAuditLog } from './audit-log.js';

/** `GET /api/v1/audit-log`. */
export function auditLogRoutes(app: FastifyInstance, { store }: { store: Store }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/audit-log',
    {
      config: { role: 'auditor', scope: 'audit:read' },
      schema: {
        summary: 'Who did what, the newest first; entries are chained by their hashes and never change',
        querystring: auditLogQuerySchema,
        response: { 200: auditLogSchema },
      },
    },
    async ({ query: { cursor, limit, ...filter } }) => {
      const [before] = cursor === undefined ? [undefined] : decodeCursor(cursor, z.tuple([z.number()]));
      const rows = await listAuditLog(store, { ...filter, before, limit: limit + 1 });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return { entries: rows.slice(0, limit), next: last === undefined ? null : encodeCursor([last.seq]) };
    },
  );
}
