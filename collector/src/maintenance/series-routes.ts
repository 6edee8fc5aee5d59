import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { newSeriesSchema, seriesSchema, type NewSeries } from '../schema/maintenance.js';
import type { Store } from '../store/store.js';
import { placeWords } from './place.js';
import { addSeries, changeSeries, endSeries, listSeries } from './series.js';

const config = { role: 'operator' } as const;
const params = z.object({ id: z.uuid() });

/** `/api/v1/maintenance-series`: windows that come again. */
export function seriesRoutes(
  app: FastifyInstance,
  { store, now }: { store: Store; now: () => number },
): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/maintenance-series',
    {
      config: { role: 'viewer', scope: 'fleet:read' },
      schema: { summary: 'Maintenance windows that come again', response: { 200: seriesSchema } },
    },
    async () => ({ series: await listSeries(store, now()) }),
  );
  api.post(
    '/api/v1/maintenance-series',
    {
      config,
      schema: {
        summary: 'Plan a window that comes again; its windows of the next 90 days are made at once',
        body: newSeriesSchema,
        response: { 201: params },
      },
    },
    async (request, reply) => {
      const sender = senderOf(request);
      const { body } = request;
      const intention = { ...sender, action: 'maintenance-series.add', ...wordsFor(body) };
      const id = await recorded(store, intention, now(), (trx) => addSeries(trx, body, sender.actor, now()));
      return reply.code(201).send({ id });
    },
  );
  api.put(
    '/api/v1/maintenance-series/:id',
    {
      config,
      schema: {
        summary: 'Change a series; its windows that have not begun are planned anew',
        params,
        body: newSeriesSchema,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const sender = senderOf(request);
      const { object, detail } = wordsFor(request.body);
      const entry = { object: id, detail: `${object}, ${detail}` };
      const change = { wanted: request.body, author: sender.actor };
      await recorded(store, { ...sender, action: 'maintenance-series.change', ...entry }, now(), (trx) =>
        changeSeries(trx, id, change, now()),
      );
      return reply.code(204).send(null);
    },
  );
  api.delete(
    '/api/v1/maintenance-series/:id',
    {
      config,
      schema: {
        summary: 'End a series and take back its windows that have not begun',
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const intention = { ...senderOf(request), action: 'maintenance-series.end', object: id };
      await recorded(store, intention, now(), (trx) => endSeries(trx, id, now()));
      return reply.code(204).send(null);
    },
  );
}

/** What the audit log says of a series. */
function wordsFor(wanted: NewSeries): { object: string; detail: string } {
  const { rule, start, timeZone, durationMs, reason } = wanted;
  const minutes = Math.round(durationMs / 60_000);
  const detail = `${rule} from ${start} (${timeZone}), ${minutes} min: ${reason}`;
  return { object: placeWords(wanted), detail };
}
