import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { accuracySchema, risksSchema } from '../schema/accuracy.js';
import type { Store } from '../store/store.js';
import { manualAuditRoutes } from './audit-routes.js';
import { linesAccuracy } from './lines.js';
import { readRisks } from './read-risks.js';
import { TARGET } from './verdict.js';

/** `/api/v1/accuracy` and what stands below it. */
export function accuracyRoutes(app: FastifyInstance, options: { store: Store; now: () => number }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/accuracy',
    {
      config: { role: 'viewer', scope: 'counts:read' },
      schema: {
        summary: 'How often the crossings of every line were right, by what people counted',
        response: { 200: accuracySchema },
      },
    },
    async () => {
      const lines = await linesAccuracy(options.store, options.now());
      return { target: TARGET, now: options.now(), lines };
    },
  );
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/accuracy/risks',
    {
      config: { role: 'viewer', scope: 'counts:read' },
      schema: {
        summary: 'Signs between audits that lines count wrongly, from what they counted on complete days',
        response: { 200: risksSchema },
      },
    },
    async () => ({ risks: (await readRisks(options.store, options.now())).risks }),
  );
  manualAuditRoutes(app, options);
}
