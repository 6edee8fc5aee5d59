import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { connectionSchema } from '../schema/connection.js';
import { ProblemError } from '../schema/problem.js';
import { mayUse } from '../schema/role.js';
import type { Store } from '../store/store.js';
import type { GatewayTraffic } from './traffic.js';

/** What the broker of this process knows of its connections. */
export interface Connections {
  /** Of this collector among those that share the database. */
  readonly collector: string;
  /** Since when it counts, UTC ms. */
  readonly since: number;
  readonly of: (gateway: string) => GatewayTraffic;
}

/** `GET /api/v1/gateways/:name/connection`: how a gateway is connected, and what it has sent and received. */
export function connectionRoutes(
  app: FastifyInstance,
  { store, connections }: { store: Store; connections: Connections },
): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/gateways/:name/connection',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'How a gateway is connected to this collector, and its numbers since the start',
        params: z.object({ name: slugSchema }),
        response: { 200: connectionSchema },
      },
    },
    async ({ params: { name }, role, method }) => {
      const known = await store
        .selectFrom('gateway')
        .select('name')
        .where('name', '=', name)
        .executeTakeFirst();
      if (known === undefined) throw new ProblemError(404, `there is no gateway "${name}"`);
      const { connection, ...numbers } = connections.of(name);
      const { collector, since: countingSince } = connections;
      if (connection === undefined) return { collector, countingSince, connected: null, ...numbers };
      const { since, protocol, login } = connection;
      // Where a site's network is reached is for those who work with it.
      const address = role !== undefined && mayUse(role, 'operator', method) ? connection.address : null;
      return { collector, countingSince, connected: { since, address, protocol, login }, ...numbers };
    },
  );
}
