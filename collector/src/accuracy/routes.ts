import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { accuracySchema } from '../schema/accuracy.js';
import type { Store } from '../store/store.js';
import { linesAccuracy } from './lines.js';
import { TARGET } from './verdict.js';

/** `GET /api/v1/accuracy`. */
export function accuracyRoutes(app: FastifyInstance, options: { store: Store; now: () => number }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/accuracy',
    {
      config: { role: 'viewer', scope: 'counts:read' },
      schema: {
        summary: 'How often the crossings of every line were right, by the clips that people audited',
        response: { 200: accuracySchema },
      },
    },
    async () => ({ target: TARGET, lines: await linesAccuracy(options.store, options.now()) }),
  );
}
