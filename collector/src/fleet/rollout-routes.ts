import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { rolloutPlanSchema, rolloutsSchema, startRolloutSchema } from '../schema/rollouts.js';
import type { Queryable } from '../store/store.js';
import type { DesiredRouteOptions } from './desired-routes.js';
import { cancelRollout, listRollouts, rollBack, startRollout } from './rollouts.js';

const params = z.object({ id: z.uuid() });
const writer = { role: 'admin', scope: 'fleet:write' } as const;

/** `/api/v1/rollouts`: one change for many gateways, a few of them first. */
export function rolloutRoutes(app: FastifyInstance, options: DesiredRouteOptions): void {
  const { store, onDesired, now } = options;
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/rollouts',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'The last 50 roll-outs, the newest first', response: { 200: rolloutsSchema } },
    },
    async () => ({ rollouts: await listRollouts(store) }),
  );
  api.post(
    '/api/v1/rollouts',
    {
      config: writer,
      schema: {
        summary: 'Change the configuration of many gateways, a few of them first; or say what would change',
        body: startRolloutSchema,
        response: { 200: rolloutPlanSchema, 201: rolloutPlanSchema },
      },
    },
    async (request, reply) => {
      const by = { author: request.username, now: now() };
      if (request.body.dryRun) return startRollout(store, request.body, by);
      const { title } = request.body;
      const entry = { ...senderOf(request), action: 'rollout.start', object: title };
      const plan = await recorded(store, entry, by.now, (trx) => startRollout(trx, request.body, by));
      await onDesired();
      return reply.code(201).send(plan);
    },
  );
  endRoutes(app, options);
}

function endRoutes(app: FastifyInstance, { store, onDesired, now }: DesiredRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const endBy = async (
    request: FastifyRequest<{ Params: { id: string } }>,
    action: string,
    change: (trx: Queryable) => Promise<unknown>,
  ) => {
    const { id } = request.params;
    await recorded(store, { ...senderOf(request), action, object: id }, now(), change);
    await onDesired();
    return { rollouts: await listRollouts(store, id) };
  };
  api.post(
    '/api/v1/rollouts/:id/cancel',
    {
      config: writer,
      schema: {
        summary: 'Send it to nobody else; who has it keeps it',
        params,
        response: { 200: rolloutsSchema },
      },
    },
    async (request) =>
      endBy(request, 'rollout.cancel', (trx) => cancelRollout(trx, request.params.id, now())),
  );
  api.post(
    '/api/v1/rollouts/:id/rollback',
    {
      config: writer,
      schema: {
        summary: 'Give every gateway back what it had before, unless somebody has changed it since',
        params,
        response: { 200: rolloutsSchema },
      },
    },
    async (request) =>
      endBy(request, 'rollout.rollback', (trx) =>
        rollBack(trx, request.params.id, { author: request.username, now: now() }),
      ),
  );
}
