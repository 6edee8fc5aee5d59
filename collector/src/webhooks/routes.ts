import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { audit } from '../audit-log/audit-log.js';
import { ProblemError } from '../schema/problem.js';
import { madeWebhookSchema, newWebhookSchema, webhooksSchema } from '../schema/webhooks.js';
import type { Vault } from '../security/vault.js';
import type { Store } from '../store/store.js';
import { addWebhook, listWebhooks, removeWebhook } from './webhooks.js';

interface WebhookRouteOptions {
  readonly store: Store;
  readonly vault: Vault;
  /** UTC ms. */
  readonly now: () => number;
}

const config = { role: 'admin' } as const;

/** `/api/v1/webhooks`: where counts are pushed to. */
export function webhookRoutes(app: FastifyInstance, { store, vault, now }: WebhookRouteOptions): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  api.get(
    '/api/v1/webhooks',
    { config, schema: { summary: 'Where counts are pushed to', response: { 200: webhooksSchema } } },
    async () => ({ webhooks: await listWebhooks(store) }),
  );
  api.post(
    '/api/v1/webhooks',
    {
      config,
      schema: {
        summary: 'Push every quarter of an hour to a URL, signed',
        body: newWebhookSchema,
        response: { 201: madeWebhookSchema },
      },
    },
    async (request, reply) => {
      const { url, site } = request.body;
      const { username: actor, ip: address } = request;
      const known = await store.selectFrom('site').select('name').execute();
      if (site !== null && !known.some(({ name }) => name === site))
        throw new ProblemError(404, `site: there is no site "${site}"`);
      const made = await store.transaction().execute(async (trx) => {
        const entry = {
          actor,
          address,
          action: 'webhook.add',
          object: new URL(url).host,
          result: 'done',
        } as const;
        await audit(trx, entry, now());
        return addWebhook(trx, vault, { url, site, createdBy: actor }, now());
      });
      return reply.code(201).send(made);
    },
  );
  api.delete(
    '/api/v1/webhooks/:id',
    {
      config,
      schema: { summary: 'Push no more', params: z.object({ id: z.uuid() }), response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { username: actor, ip: address, params } = request;
      await store.transaction().execute(async (trx) => {
        await audit(
          trx,
          { actor, address, action: 'webhook.remove', object: params.id, result: 'done' },
          now(),
        );
        if (!(await removeWebhook(trx, params.id))) throw new ProblemError(404, 'there is no such webhook');
      });
      return reply.code(204).send(null);
    },
  );
}
