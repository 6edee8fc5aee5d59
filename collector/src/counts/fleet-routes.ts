import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { gatewayOverview } from '../fleet/overview.js';
import { camerasSchema, gatewaySchema, gatewaysSchema, zonesTodaySchema } from '../schema/api.js';
import { ProblemError } from '../schema/problem.js';
import type { Store } from '../store/store.js';
import { camerasToday, zonesToday } from './today.js';

/** `GET /api/v1/gateways`, `/gateways/:name` and `/cameras`; here because cameras carry today's counts. */
export function fleetRoutes(app: FastifyInstance, { store, now }: { store: Store; now: () => number }): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/gateways',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'Every gateway', response: { 200: gatewaysSchema } },
    },
    async () => ({ gateways: await gatewayOverview(store) }),
  );
  api.get(
    '/api/v1/gateways/:name',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'One gateway',
        params: z.object({ name: slugSchema }),
        response: { 200: gatewaySchema },
      },
    },
    async ({ params }) => {
      const [gateway] = await gatewayOverview(store, params.name);
      if (gateway === undefined) throw new ProblemError(404, `there is no gateway "${params.name}"`);
      return gateway;
    },
  );
  api.get(
    '/api/v1/cameras',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'Every camera with its counts of today', response: { 200: camerasSchema } },
    },
    async () => ({ cameras: await camerasToday(store, now()) }),
  );
  api.get(
    '/api/v1/zones',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'Every zone with its numbers of today', response: { 200: zonesTodaySchema } },
    },
    async () => ({ zones: await zonesToday(store, now()) }),
  );
}
