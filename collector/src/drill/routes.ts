import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { drillsSchema } from '../schema/drills.js';
import type { Store } from '../store/store.js';
import { listDrills } from './records.js';

/** `/api/v1/drills`: when the last drill was, and how it went. */
export function drillRoutes(app: FastifyInstance, { store }: { readonly store: Store }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/drills',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'Drills with their times, the newest first', response: { 200: drillsSchema } },
    },
    async () => ({ drills: await listDrills(store) }),
  );
}
