import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recorded, senderOf } from '../audit-log/audit-log.js';
import { decodeCursor, encodeCursor } from '../schema/cursor.js';
import { errorGroupDetailSchema, errorGroupsQuerySchema, errorGroupsSchema } from '../schema/errors.js';
import type { Store } from '../store/store.js';
import { errorGroup, listErrorGroups, setErrorState } from './groups.js';

interface ErrorRouteOptions {
  readonly store: Store;
  /** Of this collector. */
  readonly version: string;
  /** UTC ms. */
  readonly now: () => number;
}

const config = { role: 'operator' } as const;
const params = z.object({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits') });

const CHANGES = [
  { verb: 'resolve', state: 'resolved', summary: 'Mended: it opens again when a later version has it' },
  { verb: 'ignore', state: 'ignored', summary: 'It goes on being counted, and nobody is to look at it' },
  { verb: 'reopen', state: 'open', summary: 'Somebody is to look at it after all' },
] as const;

/** `/api/v1/errors`: what went wrong in the collector, by where it comes from. */
export function errorRoutes(app: FastifyInstance, { store, version, now }: ErrorRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/errors',
    {
      config,
      schema: {
        summary: 'Groups of errors of the collector, the one that was seen last first',
        querystring: errorGroupsQuerySchema,
        response: { 200: errorGroupsSchema },
      },
    },
    async ({ query: { state, cursor, limit } }) => {
      const [lastAt, fingerprint] =
        cursor === undefined ? [] : decodeCursor(cursor, z.tuple([z.number(), z.string()]));
      const after = lastAt === undefined || fingerprint === undefined ? undefined : { lastAt, fingerprint };
      const groups = await listErrorGroups(store, { state, after, limit: limit + 1 });
      const last = groups.length > limit ? groups[limit - 1] : undefined;
      return {
        groups: groups.slice(0, limit),
        next: last === undefined ? null : encodeCursor([last.lastAt, last.fingerprint]),
      };
    },
  );
  api.get(
    '/api/v1/errors/:fingerprint',
    {
      config,
      schema: {
        summary: 'One group with its newest error',
        params,
        response: { 200: errorGroupDetailSchema },
      },
    },
    async (request) => errorGroup(store, request.params.fingerprint),
  );
  for (const { verb, state, summary } of CHANGES)
    api.post(
      `/api/v1/errors/:fingerprint/${verb}`,
      { config, schema: { summary, params, response: { 204: z.null() } } },
      async (request, reply) => {
        const sender = senderOf(request);
        const { fingerprint } = request.params;
        await recorded(store, { ...sender, action: `error.${verb}`, object: fingerprint }, now(), (trx) =>
          setErrorState(trx, fingerprint, { state, by: sender.actor, version }, now()),
        );
        return reply.code(204).send(null);
      },
    );
}
