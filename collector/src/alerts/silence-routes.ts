import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { newSilenceSchema, silencesQuerySchema, silencesSchema } from '../schema/silences.js';
import type { Store } from '../store/store.js';
import { addSilence, endSilence, listSilences } from './silences.js';

const params = z.object({ id: z.uuid() });

/** `/api/v1/silences`: alerts of which nobody is told for a while. */
export function silenceRoutes(
  app: FastifyInstance,
  { store, now }: { store: Store; now: () => number },
): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/silences',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: {
        summary: 'Silences: alerts of which nobody is told for a while',
        querystring: silencesQuerySchema,
        response: { 200: silencesSchema },
      },
    },
    async ({ query }) => ({ silences: await listSilences(store, query.open, now()) }),
  );
  api.post(
    '/api/v1/silences',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Tell nobody of a rule, a place or both until a time; alerts go on, and resolve',
        body: newSilenceSchema,
        response: { 201: params },
      },
    },
    async (request, reply) => {
      const sender = senderOf(request);
      const { rule, path, until, reason } = request.body;
      const object = `${rule ?? 'every rule'} at ${path ?? 'every place'}`;
      const detail = `until ${new Date(until).toISOString()}: ${reason}`;
      const by = { actor: sender.actor, role: request.role };
      const id = await recorded(store, { ...sender, action: 'silence.add', object, detail }, now(), (trx) =>
        addSilence(trx, request.body, by, now()),
      );
      return reply.code(201).send({ id });
    },
  );
  api.post(
    '/api/v1/silences/:id/end',
    {
      config: { role: 'operator' },
      schema: { summary: 'End a silence before its time', params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const sender = senderOf(request);
      await recorded(store, { ...sender, action: 'silence.end', object: id }, now(), (trx) =>
        endSilence(trx, id, sender.actor, now()),
      );
      return reply.code(204).send(null);
    },
  );
}
