import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { slosSchema } from '../schema/slo.js';
import type { Store } from '../store/store.js';
import { sloReport } from './report.js';

/** `GET /api/v1/slo`. */
export function sloRoutes(app: FastifyInstance, { store, now }: { store: Store; now: () => number }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/slo',
    {
      config: { role: 'viewer', scope: 'counts:read' },
      schema: {
        summary: 'How well every promise is kept over the last 28 days, and what of its error budget is left',
        response: { 200: slosSchema },
      },
    },
    async () => sloReport(store, now()),
  );
}
