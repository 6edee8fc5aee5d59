import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  availabilityQuerySchema,
  availabilitySchema,
  type AvailabilityAnswer,
  type CameraAvailability,
} from '../schema/availability.js';
import type { Store } from '../store/store.js';
import { camerasAvailability } from './cameras.js';
import { availabilityOf, sumOf } from './times.js';

const DAY_MS = 24 * 3_600_000;
/** The promise to customers: cameras up more than 99 % of the time. */
const TARGET = 0.99;

/** `GET /api/v1/availability`. */
export function availabilityRoutes(app: FastifyInstance, options: { store: Store; now: () => number }): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/availability',
    {
      config: { role: 'viewer', scope: 'counts:read' },
      schema: {
        summary: 'How much of the time cameras, gateways and sites were up, and how much of it is known',
        querystring: availabilityQuerySchema,
        response: { 200: availabilitySchema },
      },
    },
    async ({ query }): Promise<AvailabilityAnswer> => {
      const to = options.now();
      const from = to - query.days * DAY_MS;
      const cameras = await camerasAvailability(options.store, { from, now: to });
      const [gateways, sites] = [groups(cameras, 'gateway'), groups(cameras, 'site')];
      return { from, to, target: TARGET, cameras, gateways, sites };
    },
  );
}

function groups(cameras: readonly CameraAvailability[], by: 'gateway' | 'site'): AvailabilityAnswer['sites'] {
  const names = [...new Set(cameras.map((camera) => camera[by]))];
  return names.map((name) => ({
    name,
    ...availabilityOf(sumOf(cameras.filter((camera) => camera[by] === name))),
  }));
}
