import { slugSchema } from '@headcount/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { ProblemError } from '../schema/problem.js';
import { desiredSchema, putDesiredSchema, reportedSchema } from '../schema/remote.js';
import type { Store } from '../store/store.js';
import { desiredOf, MAX_SETTINGS_LENGTH, putDesired, reportedOf } from './desired.js';
import { FleetError } from './fleet.js';

/** What the routes need. */
export interface DesiredRouteOptions {
  readonly store: Store;
  /** Called after a change, so that the gateway hears of it at once. */
  readonly onDesired: () => Promise<void>;
  /** UTC ms. */
  readonly now: () => number;
}

const params = z.object({ name: slugSchema });

/** `GET` and `PUT /api/v1/gateways/:name/desired`, `GET /api/v1/gateways/:name/reported`. */
export function desiredRoutes(app: FastifyInstance, { store, onDesired, now }: DesiredRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/gateways/:name/desired',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'Desired configuration', params, response: { 200: desiredSchema } },
    },
    async ({ params: { name } }) => {
      const desired = await desiredOf(store, name);
      if (desired === undefined)
        throw new ProblemError(404, `nobody has asked for a configuration of "${name}"; its own file counts`);
      return desired;
    },
  );
  api.put(
    '/api/v1/gateways/:name/desired',
    {
      config: { role: 'admin', scope: 'fleet:write' },
      // UTF-8 and the JSON around it.
      bodyLimit: 2 * MAX_SETTINGS_LENGTH,
      schema: {
        summary: 'Change the configuration of a gateway; it checks it, tries it and reports',
        params,
        body: putDesiredSchema,
        response: { 200: desiredSchema },
      },
    },
    async (request) => {
      const wanted = { settings: request.body.settings, author: request.username, at: now() };
      try {
        const { name } = request.params;
        const entry = { ...senderOf(request), action: 'desired.put', object: name };
        const version = await recorded(
          store,
          (made: number) => ({ ...entry, detail: `version ${made}` }),
          now(),
          (trx) => putDesired(trx, name, wanted),
        );
        await onDesired();
        return { version, ...wanted };
      } catch (error) {
        if (error instanceof FleetError) throw new ProblemError(404, error.message);
        throw error;
      }
    },
  );
  api.get(
    '/api/v1/gateways/:name/reported',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'What a gateway says about its configuration',
        params,
        response: { 200: reportedSchema },
      },
    },
    async ({ params: { name } }) => {
      const reported = await reportedOf(store, name);
      if (reported === undefined)
        throw new ProblemError(404, `gateway "${name}" has not reported its configuration yet`);
      return reported;
    },
  );
}
